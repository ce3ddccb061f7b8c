/** A module in Python that was found. */
export interface SourceModule {
  /** Its name, with dots. */
  readonly name: string;
  readonly isPackage: boolean;
  /** The name of its file in messages and backtraces. */
  readonly file: string;
  readonly text: Uint8Array;
}

/** A place that has modules. */
export interface ModulePlace {
  /**
   * The module of this name.
   *
   * @throws {PluginBuildError} `ERR_PACKAGE` if it is there, but is not Python
   */
  find(name: string): Promise<SourceModule | undefined>;
}

/** The files of packages in messages begin with this. */
export const packagesFolder = 'site-packages';

/** An extension module: code of a machine. */
export const machineCode = /\.(?:so|pyd|dylib|dll)$/;
