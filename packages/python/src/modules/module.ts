/** A module in Python that was found. */
export interface SourceModule {
  /** Its name, with dots. */
  readonly name: string;
  readonly isPackage: boolean;
  /** The name of its file in messages and backtraces. */
  readonly file: string;
  readonly text: Uint8Array;
}

/** A module that is code of a machine. A plugin does without it, as many packages do if it is missing. */
export interface MachineModule {
  readonly name: string;
  readonly machineCode: string;
}

/** A file of a package that is no module. */
export interface DataFile {
  /** Its name, which begins with that of the folder of packages. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** A place that has modules. */
export interface ModulePlace {
  /** The module of this name. */
  find(name: string): Promise<SourceModule | MachineModule | undefined>;
  /** All modules in a package and the packages in it, without tests, and how long their sources are. */
  modulesIn(name: string): Promise<{ name: string; bytes: number }[]>;
  /** All data files in a package and the packages in it; undefined if they have more bytes than `most`. */
  dataIn(name: string, most: number): Promise<DataFile[] | undefined>;
  /** What `importlib.metadata` reads of the packages: the head of each `METADATA`, and `entry_points.txt`. */
  metadata(): Promise<DataFile[]>;
}

/** The files of packages in messages begin with this. */
export const packagesFolder = 'site-packages';

/** An extension module: code of a machine. */
export const machineCode = /\.(?:so|pyd|dylib|dll)$/;

/** Files of a package that a plugin has no use for. */
const useless = /\.(?:py|pyc|pyi|pyx|pxd|c|h|so|pyd|dylib|dll)$|(?:^|\/)(?:py\.typed|\.DS_Store)$/;
const ofTests = /(?:^|\/)tests?\//;

/** The files with the metadata of packages, in the folders of packages. */
export const metadataFile = /^[^/]+\.dist-info\/(?:METADATA|entry_points\.txt)$/;

/** A file of metadata. Behind its head, `METADATA` has the package's description. */
export function metadataOf(file: string, bytes: Buffer): DataFile {
  const end = file.endsWith('METADATA') ? /\r?\n\r?\n/.exec(bytes.toString('latin1'))?.index : undefined;
  return { file: `${packagesFolder}/${file}`, bytes: bytes.subarray(0, end) };
}

/** The name of the module that a source is, by its path from a folder of packages; undefined if it is none, or a test. */
export function moduleOf(file: string): string | undefined {
  const name = /^(.*?)(?:\/__init__)?\.py$/.exec(file)?.[1];
  return name === undefined || ofTests.test(file) ? undefined : name.replaceAll('/', '.');
}

export function isDataFile(file: string): boolean {
  return !useless.test(file) && !ofTests.test(file) && !/[\n\0]/.test(file);
}
