/** What a build takes from elsewhere, in the languages that have this. */
export interface BuildSettings {
  /** A requirements file. */
  readonly requirements?: string;
  /** The folder with its wheels. */
  readonly wheels?: string;
  /** Time zones: all, or those of the list. */
  readonly zoneinfo?: true | readonly string[];
}

/** What to build. */
export interface BuildRequest {
  /** The path of the entry, from the folder of the project. */
  readonly entry: string;
  /** The file to write, which nothing else has. */
  readonly output: string;
  /** The folder of the project. */
  readonly folder: string;
  readonly settings: BuildSettings;
}

/** A program or package that a language needs, and how to get it. */
export interface Tool {
  readonly name: string;
  /** The version that is found, or `undefined`. */
  find(folder: string): Promise<string | undefined>;
  /** The line that installs it. */
  readonly install: string;
}

/** A language that plugins are written in. */
export interface Language {
  /** The name for `--lang`. */
  readonly name: string;
  /** The entry that a new project has, from its folder. */
  readonly entry: string;
  /** All tools must be there; of a list, one is enough. */
  readonly tools: readonly (readonly Tool[])[];
  /**
   * Compiles a plugin.
   *
   * @throws {BuildFailure} if the source makes no plugin
   */
  build(request: BuildRequest): Promise<void>;
  /** The settings that it has. Default none. */
  readonly settings?: readonly (keyof BuildSettings)[];
  /** The files of a new project, by their paths from its folder. */
  files(name: string): Record<string, string>;
}
