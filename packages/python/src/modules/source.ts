import path from 'node:path';

/** The file of a plugin's entry. Modules and packages beside it can be imported. */
export interface EntryFile {
  /** The path of the entry, a module in Python. */
  entry: string;
}

/** The text of a plugin. */
export interface SourceText {
  /** A module in Python. It imports the standard library and `packages`, and no file of this machine beside them. */
  source: string;
  /** The name of the source in messages and backtraces. Default `plugin.py`. */
  filename?: string | undefined;
}

/** What a plugin is built from. */
export type PluginSource = EntryFile | SourceText;

/** A parsed {@link PluginSource}. */
export interface Source {
  /** The name in messages. */
  name: string;
  /** The folder whose modules can be imported. */
  folder: string | undefined;
  entry: string | undefined;
  text: string | undefined;
}

/** @throws {TypeError} if it is neither a file nor a text */
export function parseSource(given: PluginSource): Source {
  const { entry, source, filename } = (given ?? {}) as Partial<EntryFile & SourceText>;
  if ((typeof entry === 'string') === (typeof source === 'string')) {
    throw new TypeError('a plugin is built from { entry: path } or { source: text }, got neither or both');
  }
  if (entry !== undefined) {
    const file = path.resolve(entry);
    return { name: parseFilename(path.basename(file)), folder: path.dirname(file), entry: file, text: undefined };
  }
  return { name: parseFilename(filename ?? 'plugin.py'), folder: undefined, entry: undefined, text: source };
}

/** @throws {TypeError} if it is no name of a file */
export function parseFilename(name: unknown): string {
  if (typeof name !== 'string' || !/^[^\p{C}\\/()<>]{1,255}$/u.test(name)) {
    throw new TypeError('filename must be a name of at most 255 characters, without slashes, parentheses and < >');
  }
  return name;
}
