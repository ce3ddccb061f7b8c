import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {object} Answer how the server says that a call ended
 * @property {string} code `ok`, `rejected`, `aborted`, or the code of a fault or an error
 * @property {string} [limit] of an error
 * @property {object} [ctx] where the code is `ok`
 * @property {string} [error] where the code is `rejected`
 * @property {unknown[]} [details] where the code is `rejected`
 *
 * @typedef {object} Verdict
 * @property {'mixedUp' | 'unexpected'} kind
 * @property {string} reason
 */

const LONGEST_SHOWN = 400;

/**
 * What is wrong with an answer: it ends in a way that the call cannot, or holds what belongs to another.
 *
 * @param {import('./calls.mjs').Expected} expected
 * @param {Answer} answer
 * @returns {Verdict | undefined} nothing, where all is well
 */
export function judge({ codes, limit, content, mayBeGone }, answer) {
  const { code, ...rest } = answer;
  if (!codes.includes(code) && !(code === 'ERR_NOT_LOADED' && mayBeGone?.())) {
    return { kind: 'unexpected', reason: `${shown(answer)} instead of ${codes.join(' or ')}` };
  }
  if (rest.limit !== undefined && rest.limit !== limit) {
    return { kind: 'unexpected', reason: `${code} because of ${rest.limit} instead of ${limit ?? 'no limit'}` };
  }
  if (code === 'ok' || code === 'rejected') {
    const whole = content(answer);
    if (!isDeepStrictEqual(rest, whole)) {
      return { kind: 'mixedUp', reason: `${shown(rest)} instead of ${shown(whole)}` };
    }
  }
  return undefined;
}

function shown(value) {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
