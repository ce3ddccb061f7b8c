import { isDeepStrictEqual } from 'node:util';
import { postUser } from './client.mjs';

/**
 * One request and its results.
 *
 * @typedef {object} Exchange
 * @property {import('./scenarios.mjs').Step} step
 * @property {import('./client.mjs').Answer} answer
 * @property {import('./hook-calls.mjs').HookOutcome | undefined} hooks
 * @property {import('./database.mjs').User[]} stored the rows that were added to the database
 * @property {string[]} surprises differences from what the step expects
 */

/**
 * @typedef {object} Setting
 * @property {string} url of the server
 * @property {import('./hook-calls.mjs').HookCalls} hookCalls
 * @property {import('./database.mjs').Database} database
 */

/**
 * Sends a request, and compares its results with the expected ones.
 *
 * @param {import('./scenarios.mjs').Step} step
 * @param {Setting} setting
 * @returns {Promise<Exchange>}
 */
export async function exchange(step, { url, hookCalls, database }) {
  const before = await database.users(step.tenant);
  const answer = await postUser(url, step.tenant, step.body);
  const after = await database.users(step.tenant);
  const seen = { answer, hooks: hookCalls.take(answer.requestId), stored: after.slice(before.length) };
  return { step, ...seen, surprises: compare(seen, step.expected) };
}

function compare({ answer, hooks, stored }, expected) {
  const compared = [
    ['the status', answer.status, expected.status],
    ['the outcome', hooks?.outcome, expected.outcome],
    ['the answer', withoutId(answer.body), expected.answer],
    ['what is stored', stored.map(withoutId), expected.stored === undefined ? [] : [expected.stored]],
  ];
  return compared
    .filter(([, seen, wanted]) => !isDeepStrictEqual(seen, wanted))
    .map(([what, seen, wanted]) => `${what} is ${JSON.stringify(seen)} and not ${JSON.stringify(wanted)}`);
}

function withoutId(object) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'id'));
}
