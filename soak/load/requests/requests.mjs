// The kinds of requests: one call or many at once, canceled calls, and calls through the Express middleware.

import { hostileCases } from '../../targets.mjs';
import { callMix, filling, hostile, marked, misuses, orEnding, slow } from './calls.mjs';
import { fails, markedTwice, middlewareRequest, normalizedAndEnriched, refusedAddress } from './middleware.mjs';
import { judge } from './verdict.mjs';

/**
 * @typedef {object} Request
 * @property {string} kind
 * @property {string} path
 * @property {object} body
 * @property {Record<string, string>} [headers]
 * @property {number} [dropAfterMs] when the client disconnects
 * @property {(answer: import('../http.mjs').HttpAnswer) => Verdict[]} judge returns the problems of the response
 *
 * @typedef {import('./verdict.mjs').Verdict} Verdict
 * @typedef {import('../clients/client.mjs').Client} Client
 * @typedef {import('./calls.mjs').Call} Call
 */

const MOST_CALLS_TOGETHER = 16;
/** Longer than a call takes unless it is slow on purpose, so many have ended by then. */
const LONGEST_PATIENCE_MS = 25;

/** @type {[weight: number, kind: (client: Client) => Request][]} */
const requestMix = [
  [30, single],
  [12, together],
  [6, aborted],
  [3, abortedTogether],
  [5, dropped],
  [25, byExpress],
  [8, rejectedByExpress],
  [8, failedByExpress],
  [3, droppedByExpress],
];

/** The next request of a client. */
export function nextRequest(client) {
  return client.random.pickWeighted(requestMix)(client);
}

/** One request of each kind, and one call of each kind. */
export function everyRequest(client) {
  return [
    ...requestMix.map(([, kind]) => kind(client)),
    aborted(client, 0),
    ...callMix.map(([, kind]) => direct('single', client, [kind(client)])),
    ...Object.values(misuses).map((kind) => direct('single', client, [kind(client)])),
    ...Object.keys(hostileCases).map((name) => direct('single', client, [hostile(client, name)])),
    ...Object.keys(hostileCases).map((name) => middlewareRequest('failed by Express', client, fails(client, name))),
  ];
}

/** More calls of one tenant at once than the queue accepts. */
export function flood(client, count) {
  const calls = Array.from({ length: count }, () => {
    const made = marked(client, { hook: 'before_hook' });
    return {
      ...made,
      sent: { ...made.sent, options: { tenant: client.tenant.name } },
      expected: withFullQueue(made.expected),
    };
  });
  return direct('flood', client, calls);
}

/** One of the many requests of a flood. */
export function floodByExpress(client) {
  const made = markedTwice(client);
  return middlewareRequest('flood by Express', client, { ...made, expected: withFullQueue(made.expected) });
}

/** Calls with large results, which the server checks itself. */
export function floodWithLargeResults(client, mark, count) {
  return {
    kind: 'flood of large results',
    path: `/${client.runtime}/large-results`,
    body: { tenant: client.tenant.name, mark, count },
    judge: ({ status, body }) => {
      if (status !== 200) {
        return [wrongStatus(status, body)];
      }
      const { ok = 0, ERR_QUEUE_FULL: full = 0 } = body.codes;
      const mixedUp = body.wrong > 0 ? [{ kind: 'mixedUp', reason: `${body.wrong} large results` }] : [];
      const lost = ok + full === count ? [] : [{ kind: 'unexpected', reason: JSON.stringify(body.codes) }];
      return [...mixedUp, ...lost];
    },
  };
}

function withFullQueue(expected) {
  return { ...expected, codes: ['ok', 'ERR_QUEUE_FULL'], limit: 'maxQueuePerTenant' };
}

function single(client) {
  return direct('single', client, [client.random.pickWeighted(callMix)(client)]);
}

function together(client) {
  const count = 2 + client.random.below(MOST_CALLS_TOGETHER - 1);
  return direct('together', client, mixOf(client, count));
}

/** A call with a signal, which has sometimes aborted before the call. */
function aborted(client, abortAfterMs = client.random.below(LONGEST_PATIENCE_MS)) {
  const made = client.random.pick([marked, slow, filling, (one) => hostile(one, 'loop')])(client);
  const { expected } = abortAfterMs === 0 ? { expected: { codes: ['aborted'] } } : orEnding('aborted', made);
  return direct('aborted', client, [{ ...made, sent: { ...made.sent, abortAfterMs }, expected }]);
}

/** Calls with one signal for all. */
function abortedTogether(client) {
  const calls = mixOf(client, MOST_CALLS_TOGETHER).map((made) => orEnding('aborted', made));
  return direct('aborted together', client, calls, 1 + client.random.below(LONGEST_PATIENCE_MS));
}

/** The server ends the calls of a client that has disconnected. */
function dropped(client) {
  const calls = mixOf(client, 4);
  return {
    ...direct('dropped', client, [slow(client), ...calls]),
    dropAfterMs: client.random.below(LONGEST_PATIENCE_MS),
  };
}

function mixOf(client, count) {
  return Array.from({ length: count }, () => client.random.pickWeighted(callMix)(client));
}

/** @param {number} [abortAllAfterMs] when the one signal of all calls aborts */
function direct(kind, client, calls, abortAllAfterMs) {
  return {
    kind,
    path: `/${client.runtime}/calls`,
    body: { calls: calls.map(({ sent }) => sent), abortAllAfterMs },
    judge: ({ status, body }) => (status === 200 ? judgeAnswers(calls, body.answers) : [wrongStatus(status, body)]),
  };
}

/** Judges the responses to these calls, in the same order. */
export function judgeAnswers(calls, answers) {
  if (answers.length !== calls.length) {
    return [{ kind: 'unexpected', reason: `${answers.length} answers to ${calls.length} calls` }];
  }
  return calls.map(({ expected }, index) => judge(expected, answers[index])).filter(Boolean);
}

function byExpress(client) {
  const kind = client.random.pick([markedTwice, markedTwice, normalizedAndEnriched]);
  return middlewareRequest('by Express', client, kind(client));
}

function rejectedByExpress(client) {
  return middlewareRequest('rejected by Express', client, refusedAddress(client));
}

function failedByExpress(client) {
  return middlewareRequest('failed by Express', client, fails(client));
}

/** The client disconnects while the middleware makes its calls. */
function droppedByExpress(client) {
  return {
    ...middlewareRequest('dropped by Express', client, markedTwice(client)),
    dropAfterMs: client.random.below(LONGEST_PATIENCE_MS),
  };
}

function wrongStatus(status, body) {
  return { kind: 'unexpected', reason: `status ${status}: ${JSON.stringify(body).slice(0, 200)}` };
}
