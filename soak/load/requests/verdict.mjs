import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {object} Answer the server's account of how a call ended
 * @property {string} code `ok`, `rejected`, `aborted`, or the code of a fault or an error
 * @property {string} [limit] of an error
 * @property {object} [ctx] if the code is `ok`
 * @property {string} [error] if the code is `rejected`
 * @property {unknown[]} [details] if the code is `rejected`
 *
 * @typedef {object} Verdict
 * @property {'mixedUp' | 'unexpected'} kind
 * @property {string} reason
 */

const LONGEST_SHOWN = 400;

/**
 * The problem of an answer: the call cannot end in this way, or the answer has content of another call.
 *
 * @param {import('./calls.mjs').Expected} expected
 * @param {Answer} answer
 * @returns {Verdict | undefined} nothing if there is no problem
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
