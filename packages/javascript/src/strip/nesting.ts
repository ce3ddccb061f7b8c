import { PluginBuildError } from '../errors.js';
import { lineAt } from './source-lines.js';

/** The deepest nesting of brackets. The engine's own parser takes fewer levels of most of them. */
export const mostNesting = 500;

/** What is no bracket of the code: comments, strings, and plain text of a template up to its first `${`. */
const notCode = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|[()[\]{}]/g;

/**
 * Refuses brackets that nest too deeply, before a parser that recurses reads them. It is no lexer: a regular expression or a
 * template may hide brackets from it or add some, which is rarely hundreds, and what it misses meets the limits of time and memory.
 *
 * @throws {PluginBuildError} `ERR_STACK`, with the location of the bracket
 */
export function refuseNesting(source: string, file: string): void {
  let depth = 0;
  for (const { 0: found, index } of source.matchAll(notCode)) {
    if ('([{'.includes(found)) {
      depth += 1;
      if (depth > mostNesting) {
        const message = `the source nests too deeply: more than ${mostNesting} brackets are open here`;
        throw new PluginBuildError({ code: 'ERR_STACK', message, file, ...lineAt(source, index) });
      }
    } else if (')]}'.includes(found)) {
      depth = Math.max(0, depth - 1);
    }
  }
}
