// The kinds of calls: what is sent, and how the call may end.

import { commonSettings, exampleFile, hostileCases, languages } from '../../targets.mjs';

/**
 * @typedef {object} Call
 * @property {string} token
 * @property {{ plugin: string, hook: string, context: object, options: object, abortAfterMs?: number }} sent
 * @property {Expected} expected
 *
 * @typedef {object} Expected
 * @property {string[]} codes how the call may end: `ok`, `rejected` by the plugin, `aborted`, or a code of an error
 * @property {string} [limit] the limit that the error must name, if it names one
 * @property {(answer: import('./verdict.mjs').Answer) => object} [content] the expected content of an answer that
 *   is `ok` or `rejected`
 * @property {() => boolean} [mayBeGone] may the plugin have been unloaded?
 *
 * @typedef {import('../clients/client.mjs').Client} Client
 */

/** Calls the tenant's own plugin, which returns its mark and its whole context. */
export function marked(client, { hook = client.random.pick(['before_hook', 'after_hook']), options } = {}) {
  const { tenant } = client;
  const token = client.token();
  const watch = tenant.watch();
  const context = client.contextOf(token, { token, padding: client.padding(token) }, { token });
  const changed = hook === 'after_hook' ? 'data' : 'input';
  return call(client, token, {
    sent: { plugin: tenant.name, hook, context, options },
    expected: {
      codes: ['ok'],
      content: ({ ctx }) => {
        const mark = tenant.expectedMark(watch, ctx?.[changed]?.mark);
        return { ctx: { ...context, [changed]: { mark, seen: context } } };
      },
      mayBeGone: () => tenant.mayBeGone(watch),
    },
  });
}

export function slow(client) {
  return marked(client, { hook: 'slow_hook', options: { maxFuel: 50_000_000 } });
}

export function heavy(client) {
  return marked(client, { hook: 'heavy_hook', options: { maxFuel: 50_000_000 } });
}

/** The tenant's own plugin loops, and is stopped at its deadline. */
export function filling(client) {
  const options = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 40 };
  const made = marked(client, { hook: 'fill_hook', options });
  return { ...made, expected: { ...made.expected, codes: ['ERR_TIMEOUT'] } };
}

/** A call that probably waits longer than it may. */
export function impatient(client) {
  return orEnding('ERR_QUEUE_TIMEOUT', marked(client, { options: { queueTimeoutMs: 1 } }));
}

/** The same call with another possible ending. */
export function orEnding(code, made) {
  return { ...made, expected: { ...made.expected, codes: [...made.expected.codes, code] } };
}

/** An example of pdk/, with an address to normalize. */
export function normalized(client) {
  return example(client, (token, padding) => ({
    hook: 'before_hook',
    context: client.contextOf(token, { email: `\t${token.toUpperCase()}@Example.COM `, padding }),
    codes: ['ok'],
    content: (context) => ({ ctx: { ...context, input: { email: `${token}@example.com`, padding } } }),
  }));
}

/** An example of pdk/, which must add the domain of an address to the stored data. */
export function enriched(client) {
  return example(client, (token, padding) => {
    const email = `Ada@${token}.example`;
    return {
      hook: 'after_hook',
      context: client.contextOf(token, {}, { email, padding }),
      codes: ['ok'],
      content: (context) => ({ ctx: { ...context, data: { email, padding, email_domain: `${token}.example` } } }),
    };
  });
}

/** An example of pdk/, with text that is not an address. */
export function rejected(client) {
  return example(client, (token, padding) => {
    const value = `${token} at example.com`;
    const details = [{ field: 'email', message: 'is not a valid address', value }];
    return {
      hook: 'before_hook',
      context: client.contextOf(token, { email: value, padding }),
      codes: ['rejected'],
      content: () => ({ error: 'email is not valid', details }),
    };
  });
}

export function unchanged(client) {
  const token = client.token();
  const context = client.contextOf(token, { token, padding: client.padding(token) });
  return fixture(client, token, 'pass_through', { context, content: () => ({ ctx: context }) });
}

export function modified(client) {
  const token = client.token();
  const context = client.contextOf(token, { token });
  const input = { email: 'ada@example.com', seen: true };
  return fixture(client, token, 'modifier', { context, content: () => ({ ctx: { ...context, input } }) });
}

/** A plugin that counts its calls in two ways and returns the counts. */
export function counted(client) {
  const token = client.token();
  const context = client.contextOf(token, { token });
  return fixture(client, token, 'counter', { context, content: () => ({ ctx: { ...context, data: [1, 1] } }) });
}

export function hostile(client, name = client.random.pick(Object.keys(hostileCases))) {
  const token = client.token();
  const { plugin, options, code } = hostileCases[name];
  return fixture(client, token, plugin, { context: client.contextOf(token, { token }), options, code });
}

/** Calls that the host must refuse. */
export const misuses = {
  noHook: (client) => refused(client, { hook: 'no_such_hook' }, { codes: ['ERR_NO_HOOK'] }),
  notLoaded: (client) => refused(client, { plugin: 'nobody' }, { codes: ['ERR_NOT_LOADED'] }),
  noObject: (client) => refused(client, { context: { input: [] } }, { codes: ['ERR_CONTEXT'] }),
  tooLarge: (client) => {
    const context = { input: { padding: 'x'.repeat(commonSettings.maxContextBytes) } };
    return refused(client, { context }, { codes: ['ERR_LIMIT'], limit: 'maxContextBytes' });
  },
};

export function misused(client) {
  return client.random.pick(Object.values(misuses))(client);
}

/** @type {[weight: number, kind: (client: Client) => Call][]} */
export const callMix = [
  [30, marked],
  [6, slow],
  [3, heavy],
  [1, filling],
  [3, impatient],
  [12, normalized],
  [8, enriched],
  [5, rejected],
  [6, unchanged],
  [3, modified],
  [3, counted],
  [17, hostile],
  [1, misused],
];

function example(client, describe) {
  const language = client.random.pick(languages);
  const state = client.examples.get(language);
  const watch = state.watch();
  const token = client.token();
  const { hook, context, codes, content } = describe(token, client.padding(token));
  return call(client, token, {
    sent: { plugin: exampleFile(language), hook, context },
    expected: { codes, content: () => content(context), mayBeGone: () => state.mayBeGone(watch) },
  });
}

function refused(client, wrong, expected) {
  const { token, sent } = unchanged(client);
  return { token, sent: { ...sent, ...wrong }, expected };
}

function fixture(client, token, plugin, { context, options, code = 'ok', content }) {
  return call(client, token, {
    sent: { plugin, hook: 'before_hook', context, options },
    expected: { codes: [code], content },
  });
}

/** @returns {Call} */
function call(client, token, { sent, expected }) {
  // Most calls name their tenant. The others share the turns of calls without a tenant.
  const tenant = client.random.chance(0.9) ? client.tenant.name : null;
  return { token, sent: { ...sent, options: { ...sent.options, tenant } }, expected };
}
