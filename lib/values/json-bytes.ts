/**
 * The value of a JSON file in UTF-8. A byte order mark, which some editors write, is left out.
 *
 * @throws an error that says what is wrong with it
 */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
}
