import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';

import { packageOf, shownFile } from './file-name.js';

const mostLineText = 1_000;

/** A location in the author's source. */
export interface Location {
  file: string;
  line: number;
  column: number;
  lineText: string;
}

/** The way from a bundle back to the author's sources. */
export interface Locations {
  /** A source map, with the contents of the sources. */
  readonly text: string;
  /** The map that a plugin carries, for a bundle of this name; undefined if it needs none. */
  forPlugin(name: string): string | undefined;
  /** Where a line and a column of the bundle, both from 1, are in the sources. */
  locate(line: number, column: number): Location | undefined;
  /** Where a pattern first matches in a line of a source. */
  find(file: string, pattern: RegExp): Location | undefined;
}

/** The source map of a bundle. */
export class BundleMap implements Locations {
  readonly #payload: SourceMapPayload;
  #map: SourceMap | undefined;

  /** @param text the source map, with the contents of the sources */
  constructor(readonly text: string) {
    const payload = JSON.parse(text) as SourceMapPayload;
    this.#payload = { ...payload, sources: payload.sources.map(shownFile) };
  }

  /**
   * The map that a plugin carries: with the names of the sources, without their contents.
   *
   * @param file the name of the bundle in backtraces
   */
  forPlugin(file: string): string {
    const { version, sources, names, mappings } = this.#payload;
    return JSON.stringify({ version, file, sources, names, mappings });
  }

  /** Where a line and a column of the bundle, both from 1, are in the sources. */
  locate(line: number, column: number): Location | undefined {
    // Only a problem needs it, and it takes milliseconds for a large bundle.
    this.#map ??= new SourceMap(this.#payload);
    const entry = this.#map.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry)) {
      return undefined;
    }
    const { originalSource: file, originalLine, originalColumn } = entry;
    const lineText = shownLine(this.#linesOf(file)[originalLine] ?? '');
    return { file, line: originalLine + 1, column: originalColumn + 1, lineText };
  }

  /** Where a pattern first matches in a line of a source. */
  find(file: string, pattern: RegExp): Location | undefined {
    for (const [index, text] of this.#linesOf(file).entries()) {
      const match = pattern.exec(text);
      if (match !== null) {
        return { file, line: index + 1, column: match.index + 1, lineText: shownLine(text) };
      }
    }
    return undefined;
  }

  #linesOf(file: string): string[] {
    const text = this.#payload.sourcesContent[this.#payload.sources.indexOf(file)] ?? '';
    return text.split(/\r\n|[\n\r\u2028\u2029]/);
  }
}

/** Is the location in what the author wrote, and not in a package? */
export function isAuthors({ file }: Location): boolean {
  return packageOf(file) === undefined;
}

/** The text of a line as a problem tells it. */
export function shownLine(text: string): string {
  return text.slice(0, mostLineText);
}
