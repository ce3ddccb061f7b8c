import { STATUS_CODES } from 'node:http';

import { reject } from 'hookcell/express';

import { soon } from '../../support/clock';
import type { Options, Route } from './driver';

/** One behavior: the hooks, what the client sends, and what it gets. */
export interface Row {
  title: string;
  before?: Options['before'];
  after?: Options['after'];
  options?: Omit<Options, 'before' | 'after'>;
  sent?: unknown;
  /** Text to send as it is, if `JSON.stringify` does not write it. */
  sentText?: string;
  headers?: Record<string, string>;
  handle?: Route['handle'];
  status: number;
  body: unknown;
  /** The type of the response, if it is not JSON. */
  type?: string;
}

/** Responds with the input that it got. */
export const echo: Route['handle'] = (input) => ({ json: { got: input } });
export const created: Route['handle'] = () => ({ status: 201, json: { id: 7 } });
/** The response to a request that hooks ended. */
const problem = (status: number, members: object = {}) => ({
  status,
  type: 'application/problem+json',
  body: { title: STATUS_CODES[status], status, error: STATUS_CODES[status], ...members },
});
const looping = { plugin: 'loop', timeoutMs: 30 };

/** A plugin may only choose a status from 400 to 499. */
function askingFor(status: number | string): Row {
  const title = `rejected with 422 where the plugin asks for ${JSON.stringify(status)}`;
  return { title, before: `no-${status}`, ...problem(422, { error: 'taken', details: [{ status }] }) };
}

export const rows: Row[] = [
  // Accepted and changed.
  { title: 'accepted', before: 'yes', sent: { a: 1 }, status: 200, body: { got: { a: 1 } } },
  {
    title: 'changed before',
    before: 'email',
    sent: { a: 1 },
    status: 200,
    body: { got: { email: 'ada@example.com' } },
  },
  { title: 'changed after, with the status left', after: 'enrich', handle: created, status: 201, body: { rich: true } },
  { title: 'nothing changed after', after: 'yes', handle: created, status: 201, body: { id: 7 } },
  {
    title: 'plugins in their order, on one context',
    before: ['email', 'report'],
    sent: { a: 1 },
    status: 200,
    body: { got: { seen: expect.objectContaining({ input: { email: 'ada@example.com' } }) } },
  },
  {
    title: 'native hooks and plugins in their order, on one context',
    before: [
      ({ input }) => ({ input: { ...input, first: true } }),
      'report',
      async ({ input }) => {
        await soon();
        return { input: { last: input.seen.input } };
      },
    ],
    sent: { a: 1 },
    status: 200,
    body: { got: { last: { a: 1, first: true } } },
  },
  {
    title: 'the handler’s input, as the hooks after it see it',
    before: 'email',
    after: 'report',
    handle: created,
    status: 201,
    body: expect.objectContaining({ input: { email: 'ada@example.com' }, data: { id: 7 } }),
  },
  {
    title: 'one session from before to after, which no plugin sees',
    before: ({ input, session }) => void (session.secret = input.a),
    after: ['report', ({ data, session }) => ({ data: { told: JSON.stringify(data), secret: session.secret } })],
    sent: { a: 'for the server alone' },
    handle: created,
    status: 201,
    body: { told: expect.not.stringMatching(/secret|session/), secret: 'for the server alone' },
  },
  {
    title: 'a plugin that the caller has, or has not',
    before: { plugin: ({ tenant_id }) => (tenant_id === 'a' ? 'email' : undefined) },
    after: { plugin: ({ tenant_id }) => (tenant_id === 'a' ? undefined : 'no') },
    options: { tenantId: ({ headers }) => String(headers['x-tenant']) },
    headers: { 'x-tenant': 'a' },
    status: 200,
    body: { got: { email: 'ada@example.com' } },
  },

  // Rejected.
  {
    title: 'rejected with details',
    before: 'no',
    ...problem(422, { error: 'not today', details: [{ field: 'email' }] }),
  },
  {
    title: 'rejected without a word',
    before: 'bare-no',
    ...problem(422, { details: [] }),
  },
  {
    title: 'rejected with the status that the plugin asks for',
    before: 'no-409',
    ...problem(409, { error: 'taken', details: [{ status: 409 }] }),
  },
  ...[200, 302, 399, 500, 503, 404.5, '404'].map(askingFor),
  {
    title: 'rejected by a native hook, before the plugins behind it',
    before: [() => reject('editors only', { status: 403, details: [1] }), 'crash'],
    ...problem(403, { error: 'editors only', details: [1] }),
  },
  {
    title: 'rejected after the handler',
    after: 'no',
    handle: created,
    ...problem(422, { error: 'not today', details: [{ field: 'email' }] }),
  },
  {
    title: 'rejected by a plugin on trial',
    before: ['email', { plugin: 'no', onReject: 'open' }],
    status: 200,
    body: { got: { email: 'ada@example.com' } },
  },

  // Faults.
  { title: 'a fault, closed', before: 'crash', ...problem(500) },
  { title: 'a fault after the handler, closed', after: 'crash', ...problem(500) },
  { title: 'a deadline', before: looping, ...problem(504) },
  { title: 'a deadline after the handler', after: looping, ...problem(500) },
  {
    title: 'a fault, open: what was before it stays, and what is behind it runs',
    before: ['email', { plugin: 'crash', onFault: 'open' }, 'report'],
    status: 200,
    body: { got: { seen: expect.objectContaining({ input: { email: 'ada@example.com' } }) } },
  },
  {
    title: 'a fault after the handler, open',
    after: { plugin: 'crash', onFault: 'open' },
    handle: created,
    status: 201,
    body: { id: 7 },
  },
  {
    title: 'a fault, open for all hooks of the route but one',
    before: ['crash', { plugin: 'crash', onFault: 'closed' }],
    options: { onFault: 'open' },
    ...problem(500),
  },
  {
    title: 'a fault, as a function of it says',
    before: [
      { plugin: 'crash', onFault: ({ kind }) => (kind === 'faulted' ? 'open' : 'closed') },
      { plugin: 'crash', onFault: async (failure) => (failure.plugin === 'crash' ? 'closed' : 'open') },
    ],
    ...problem(500),
  },
  {
    title: 'a failure, answered in the server’s own way',
    before: 'no',
    options: {
      problem: (failure) => ({ status: 418, headers: { 'x-kind': failure.kind }, body: { kind: failure.kind } }),
    },
    ...problem(418, { kind: 'rejected' }),
  },

  // What the client sends.
  {
    title: 'a body that is no object',
    before: 'yes',
    sent: [1, 2],
    ...problem(400, { error: 'the input must be an object, got an array' }),
  },
  ...[
    ['a body with a key __proto__', '{"a":[{"__proto__":{"admin":true}}]}'],
    ['a body that is a key __proto__', '{"__proto__":1}'],
    ['a body nested more than 128 deep', `{"a":${'['.repeat(128)}${']'.repeat(128)}}`],
  ].map(([title = '', text = '']) => ({
    title,
    before: 'yes',
    sent: JSON.parse(text) as unknown,
    status: 400,
    body: expect.objectContaining({ status: 400, error: expect.stringMatching(/^the context is not valid: /) }),
  })),
  {
    title: 'a body of a type without a parser',
    before: 'yes',
    sent: { a: 1 },
    headers: { 'content-type': 'application/x-nobody' },
    status: 415,
    body: expect.anything(),
  },
  {
    title: 'a body with a number that JSON cannot hold',
    before: 'yes',
    sentText: '{"a":[null,{"b":1e400}]}',
    ...problem(400, { error: 'the context is not valid: ctx.input.a[1].b is not a finite number' }),
  },
  {
    title: 'a body nested far more than 128 deep',
    before: 'yes',
    sentText: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ...problem(400, { error: expect.stringMatching(/^the context is not valid: .*nests too deeply|nested/) }),
  },
  {
    title: 'a body that is too large for the plugin',
    before: 'tight',
    sent: { text: 'x'.repeat(200) },
    ...problem(413),
  },
  {
    title: 'no headers with which a plugin could act as the caller',
    before: 'report',
    headers: { authorization: 'Bearer x', cookie: 'a=1', 'accept-language': 'de', 'user-agent': 'test' },
    status: 200,
    body: {
      got: {
        seen: expect.objectContaining({
          headers: { 'accept-language': 'de', 'content-type': 'application/json', 'user-agent': 'test' },
          user: null,
          tenant_id: null,
        }),
      },
    },
  },
  {
    title: 'the caller as the server tells of it',
    before: 'report',
    options: {
      user: async () => ({ id: '42', role: 'editor', password: 'x' }),
      tenantId: 'acme',
      headers: ['X-Request-Id', 'x-missing', 'cookie'],
    },
    headers: { 'x-request-id': '5', cookie: 'a=1' },
    status: 200,
    body: {
      got: {
        seen: expect.objectContaining({
          user: { id: '42', role: 'editor' },
          tenant_id: 'acme',
          headers: { 'x-request-id': '5', cookie: 'a=1' },
        }),
      },
    },
  },

  // What the handler responds with.
  {
    title: 'an answer of an error status, which no hook sees',
    after: 'crash',
    handle: () => ({ status: 404, json: { error: 'nowhere' } }),
    status: 404,
    body: { error: 'nowhere' },
  },
  { title: 'null, as the hooks leave it', after: 'yes', handle: () => ({ json: null }), status: 200, body: null },
  {
    title: 'an answer that has been sent',
    after: 'crash',
    handle: () => ({ sent: '"text"' }),
    status: 200,
    body: 'text',
  },
];
