import { PluginBuildError } from '../errors.js';
import { BundleMap, shownLine } from '../bundle/bundle-map.js';
import { lineAt, linesOf, longestStatement } from './source-lines.js';
import { stripInProcess } from './strip-client.js';
import { sourceName } from './strip-process.js';
import type { StripEnd, StripLimits } from './strip-process.js';

/** JavaScript, and the way back to the author's source. */
export interface Stripped {
  code: string;
  map: BundleMap;
}

/**
 * Removes the types of a source.
 *
 * @throws {PluginBuildError} if it is not TypeScript, or takes too much time or memory
 * @throws the signal's reason
 */
export async function stripTypes(
  source: string,
  filename: string,
  limits: StripLimits,
  signal: AbortSignal | undefined,
): Promise<Stripped> {
  signal?.throwIfAborted();
  const end = await stripInProcess(source, limits, signal);
  signal?.throwIfAborted();
  return strippedOf(end, source, filename, limits);
}

function strippedOf(end: StripEnd, source: string, filename: string, limits: StripLimits): Stripped {
  switch (end.kind) {
    case 'done':
      return withMap(end.output, source, filename);
    case 'refused':
      throw syntaxError(end.message, source, filename);
    case 'late':
      throw unreadable('ERR_TIMEOUT', `reading the source took more than ${limits.timeoutMs} ms`, source, filename);
    default: {
      const message = `reading the source needed too much memory (maxStripBytes is ${limits.maxStripBytes})`;
      throw unreadable('ERR_MEMORY', `${message}: ${end.reason}`, source, filename);
    }
  }
}

const mapComment = '\n//# sourceMappingURL=data:application/json;base64,';

function withMap(output: string, source: string, filename: string): Stripped {
  const at = output.lastIndexOf(mapComment);
  const text = Buffer.from(output.slice(at + mapComment.length), 'base64').toString();
  const { version, mappings, names } = JSON.parse(text) as { version: number; mappings: string; names: string[] };
  const map = JSON.stringify({ version, sources: [filename], sourcesContent: [source], names, mappings });
  return { code: output.slice(0, at + 1), map: new BundleMap(map) };
}

const location = new RegExp(String.raw`\n {4}${sourceName}:(\d+):(\d+):\n`);

/** The message of esbuild, which is text for people. */
function syntaxError(text: string, source: string, file: string): PluginBuildError {
  const [, message = 'the source is not TypeScript'] = /\[ERROR\] ([^\n]*)/.exec(text) ?? [];
  const [, line, bytes] = location.exec(text) ?? [];
  if (line === undefined) {
    return new PluginBuildError({ code: 'ERR_SYNTAX', message, file });
  }
  const lineText = linesOf(source)[Number(line) - 1] ?? '';
  // It counts bytes.
  const column = Buffer.from(lineText).subarray(0, Number(bytes)).toString().length + 1;
  const place = { file, line: Number(line), column, lineText: shownLine(lineText) };
  return new PluginBuildError({ code: 'ERR_SYNTAX', message, ...place });
}

/** It names the longest statement, because the time grows with more than its length. */
function unreadable(
  code: 'ERR_TIMEOUT' | 'ERR_MEMORY',
  message: string,
  source: string,
  file: string,
): PluginBuildError {
  return new PluginBuildError({ code, message, file, ...lineAt(source, longestStatement(source)) });
}
