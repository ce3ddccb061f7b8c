import path from 'node:path';

/** The file of a plugin's entry. Its imports are bundled. */
export interface EntryFile {
  /** The path of the entry, a module in JavaScript or TypeScript. */
  entry: string;
}

/** The text of a plugin. */
export interface SourceText {
  /** A module in JavaScript or TypeScript. */
  source: string;
  /** The name of the source in messages and backtraces; its extension says the language. Default `plugin.ts`. */
  filename?: string | undefined;
  /**
   * The folder from which imports are resolved. By default a source imports nothing but `@hookcell/javascript`, because what it
   * imports is read from this machine's disk. Set it only for sources whose author may read that.
   */
  resolveDir?: string | undefined;
}

/** What a plugin is built from. */
export type PluginSource = EntryFile | SourceText;

/** A parsed {@link PluginSource}. */
export interface Source {
  /** The name in messages. */
  name: string;
  /** Paths in messages and in the source map are from here. */
  folder: string;
  entry: string | undefined;
  text: string | undefined;
  /** Are files of this machine imported? */
  imports: boolean;
}

const extensions = new Set(['.cjs', '.cts', '.js', '.mjs', '.mts', '.ts']);

/** @throws {TypeError} if it is neither a file nor a text */
export function parseSource(given: PluginSource): Source {
  const { entry, source, filename, resolveDir } = (given ?? {}) as Partial<EntryFile & SourceText>;
  if ((typeof entry === 'string') === (typeof source === 'string')) {
    throw new TypeError('a plugin is built from { entry: path } or { source: text }, got neither or both');
  }
  if (entry !== undefined) {
    const file = path.resolve(entry);
    return { name: path.basename(file), folder: path.dirname(file), entry: file, text: undefined, imports: true };
  }
  const name = filename ?? 'plugin.ts';
  if (typeof name !== 'string' || !/^[^\p{Cc}\\/]{1,255}$/u.test(name) || !extensions.has(path.extname(name))) {
    throw new TypeError(`filename must be a name that ends in ${[...extensions].join(', ')}, got ${String(name)}`);
  }
  const folder = resolveDir === undefined ? '/' : path.resolve(resolveDir);
  return { name, folder, entry: undefined, text: source, imports: resolveDir !== undefined };
}
