import { PluginBuildError } from '../errors.js';
import { lineAt } from './source-lines.js';

/**
 * Refuses a source that is too long, before anything reads it.
 *
 * @param option - what sets the bound
 * @throws {PluginBuildError} `ERR_LIMIT`, with the location of the first byte that is too many
 */
export function refuseLength(source: string, file: string, maxBytes: number, option: string): void {
  // A character has at most three bytes for each of its UTF-16 units.
  const bytes = source.length > maxBytes ? source.length : Buffer.byteLength(source);
  if (bytes > maxBytes) {
    const message = `the source is longer than ${maxBytes} bytes (${option})`;
    throw new PluginBuildError({ code: 'ERR_LIMIT', message, file, ...lineAt(source.slice(0, maxBytes), maxBytes) });
  }
}
