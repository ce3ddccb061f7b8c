import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { pdk } from './compiler.mjs';

/**
 * @typedef {object} Case the expected result of one call. All cases together specify validate_email
 * @property {string} name
 * @property {'before_hook' | 'after_hook'} hook
 * @property {object} context
 * @property {object} expected
 * @property {string[]} [except] the languages that it does not apply to
 * @property {string} [because] why not
 */

/** @type {Case[]} */
export const cases = JSON.parse(readFileSync(path.join(pdk, 'cases.json'), 'utf8'));

/**
 * The result of a case.
 *
 * @typedef {{ name: string, outcome?: object, failure?: string, skipped?: string }} Result
 */

/**
 * Runs one case on a plugin.
 *
 * @param {import('./guest.mjs').Guest} guest
 * @param {string} language
 * @param {Case} subject
 * @returns {Result}
 */
export function ask(guest, language, { name, hook, context, expected, except = [], because }) {
  const outcome = guest.call(hook, JSON.stringify(context));
  const holds = isDeepStrictEqual(outcome, { answer: expected });
  if (except.includes(language)) {
    return holds
      ? { name, outcome, failure: 'cases.json excepts it, and it answers as expected' }
      : { name, outcome, skipped: because };
  }
  return holds
    ? { name, outcome }
    : { name, outcome, failure: `expected ${show({ answer: expected })}, got ${show(outcome)}` };
}

/** An outcome on one line that is not too long. */
export function show(outcome) {
  const text = JSON.stringify(outcome);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
