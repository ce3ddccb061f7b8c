import { isDeepStrictEqual } from 'node:util';
import { ask, cases, show } from './cases.mjs';
import { rules } from './contract.mjs';
import { Guest } from './guest.mjs';

/** The number of results of {@link verify} and {@link compare}. */
export const questions = rules.length + cases.length;

/**
 * Checks a module with the contract and the cases.
 *
 * @param {string} language
 * @param {Uint8Array} bytes
 * @returns {import('./cases.mjs').Result[]}
 */
export function verify(language, bytes) {
  const module = new WebAssembly.Module(bytes);
  const guest = new Guest(module);
  return [
    ...rules.map(({ name, violation }) => ({ name, failure: violation({ language, module, bytes, guest }) })),
    ...cases.map((subject) => ask(guest, language, subject)),
  ];
}

/**
 * Checks two modules of the same source with the contract and the cases, and compares their results, also in cases that do
 * not apply to the language.
 *
 * @returns {import('./cases.mjs').Result[]}
 */
export function compare(language, committed, fresh) {
  const again = verify(language, fresh);
  return verify(language, committed).map(({ name, outcome, failure }, index) => {
    const other = again[index];
    if (!isDeepStrictEqual(outcome, other.outcome)) {
      return { name, failure: `committed: ${show(outcome)}, rebuilt: ${show(other.outcome)}` };
    }
    return { name, failure: failure ?? other.failure };
  });
}
