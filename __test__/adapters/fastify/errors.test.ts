// What clients of Fastify get if hooks end a request, with any schemas, Fastify hooks and error handlers.

import Fastify from 'fastify';
import type { FastifyInstance, RouteShorthandOptions } from 'fastify';
import { HookcellError, WasmRuntime } from 'hookcell';
import { hookcell, reject } from 'hookcell/fastify';
import type { RouteHooks } from 'hookcell/fastify';

import { loadPlugins } from '../behaviors/plugins';

const runtime = new WasmRuntime({ logger: false });
beforeAll(() => loadPlugins(runtime));
afterAll(() => runtime.close());

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Posts to a route with these hooks. */
async function answered(
  hooks: RouteHooks,
  { route = {}, prepare }: { route?: RouteShorthandOptions; prepare?: (app: FastifyInstance) => void } = {},
) {
  const app = Fastify();
  apps.push(app);
  prepare?.(app);
  await app.register(hookcell, { runtime, logger: false, circuitBreaker: false, lateLoading: true });
  app.post('/', { ...route, config: { hooks } }, async () => ({}));
  const { statusCode: status, body: text, headers } = await app.inject({ method: 'POST', url: '/', payload: {} });
  return { status, text, type: String(headers['content-type']) };
}

const object = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, {}])),
});
/** A schema of everything that an error may have, by name and for all names. */
const everything = {
  ...object('statusCode', 'code', 'error', 'message', 'stack', 'cause', 'failure', 'plugin', 'path', 'limit'),
  additionalProperties: true,
};
const required = (...names: string[]) => ({ ...object(...names), required: names });
const inner = /srv|secret|crash|trap|unreachable|wasm|node_modules|\.[jt]s\b/i;

const errorHandlers: [string, (app: FastifyInstance) => void][] = [
  ['no error handler', () => undefined],
  [
    'one that throws',
    (app) =>
      app.setErrorHandler((error) => {
        throw error;
      }),
  ],
  ['one that sends the error', (app) => app.setErrorHandler((error, _, reply) => reply.send(error))],
  ['one that returns the error', (app) => app.setErrorHandler(async (error) => error)],
];

describe.each(errorHandlers)('with %s,', (_, prepare) => {
  test.each(['422', '4xx', 'default'])('a rejection is sent as a response schema for %s allows', async (status) => {
    const schemas: [object, object][] = [
      [object('error', 'details'), { error: 'not today', details: [{ field: 'email' }] }],
      [object('title', 'status'), { title: 'Unprocessable Entity', status: 422 }],
      [required('statusCode', 'code', 'message'), { statusCode: 422, code: 'ERR_HOOK_REJECTED', message: 'not today' }],
      [object('nothing'), {}],
    ];
    for (const [schema, body] of schemas) {
      const route = { schema: { response: { [status]: schema } } };

      const answer = await answered({ before: 'no' }, { route, prepare });

      expect(answer).toMatchObject({ status: 422, type: expect.stringMatching(/^application\/problem\+json/) });
      expect(JSON.parse(answer.text)).toEqual(body);
    }
  });

  test('a rejection is sent as a problem if the response schema cannot hold one', async () => {
    for (const schema of [required('ticket'), { type: 'array', items: {} }]) {
      const route = { schema: { response: { '4xx': schema } } };

      const answer = await answered({ before: 'no' }, { route, prepare });

      expect(answer).toMatchObject({ status: 422, type: expect.stringMatching(/^application\/problem\+json/) });
    }
  });

  test.each([
    ['a plugin that is not loaded', { before: '/srv/secret.wasm' }],
    ['a plugin after the handler that is not loaded', { after: '/srv/secret.wasm' }],
    [
      'a function that calls a plugin which is not loaded',
      { before: () => runtime.callHook('/srv/secret.wasm', 'x', { input: {} }) as never },
    ],
    ['a fault', { before: 'crash' }],
    ['a fault after the handler', { after: 'crash' }],
  ] satisfies [string, RouteHooks][])('%s tells the client nothing of the server', async (__, hooks) => {
    for (const schema of [undefined, everything, required('message', 'statusCode'), required('ticket')]) {
      const route = schema === undefined ? {} : { schema: { response: { '5xx': schema } } };
      for (const change of [(text: unknown) => text, (text: unknown) => `{"wrapped":${String(text)}}`]) {
        const answer = await answered(hooks, {
          route,
          prepare(app) {
            prepare(app);
            app.addHook('onSend', async (___, ____, payload) => change(payload));
          },
        });

        expect(answer.status).toBe(500);
        expect(answer.text).not.toMatch(inner);
      }
    }
  });
});

test('an error handler may send all enumerable members of an error', async () => {
  const prepare = (app: FastifyInstance) =>
    void app.setErrorHandler((error: Error, _, reply) =>
      reply.code(500).send({ ...error, text: String(error), stack: error.stack, json: error }),
    );

  for (const before of ['/srv/secret.wasm', 'crash']) {
    const { text } = await answered({ before }, { prepare });

    expect(text).toMatch('Internal Server Error');
    expect(text).not.toMatch(inner);
  }
});

test.each<[string, RouteHooks]>([
  ['a user of the wrong shape', { before: 'yes', user: () => ({ name: 'secret' }) as never }],
  ['a tenant of the wrong kind', { before: 'yes', tenantId: () => 7 as never }],
  ['headers of the wrong kind', { before: 'yes', headers: () => ({ secret: 7 }) as never }],
  ['a function that returns no changes', { before: () => ({ secret: 1 }) as never }],
  ['a function that returns no input', { before: () => ({ input: 'secret' }) as never }],
  ['a tenant that is half of a surrogate pair', { before: 'yes', tenantId: () => 'secret\ud800' }],
  ['a plugin without a name, chosen by a function', { before: { plugin: () => '' } }],
  ['a plugin that is half of a surrogate pair', { before: { plugin: () => 'secret\ud800' } }],
  ['a plugin that is not a file', { before: { plugin: () => new URL('https://secret/') } }],
  ['a wrong response to a failure', { before: 'no', problem: () => ({ status: 200 }) as never }],
  [
    'a response with a header that cannot be sent',
    { before: 'no', problem: () => ({ status: 400, headers: { 'a b': '' } }) },
  ],
  [
    'a response with a body that cannot be written',
    { before: 'no', problem: () => ({ status: 400, body: { a: 1n } }) },
  ],
  ['a rejection that cannot be written', { before: () => reject('no', { details: [1n] }) }],
])('%s is a mistake of the server, and clients are told nothing about it', async (_, hooks) => {
  const { status, text } = await answered(hooks);

  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({
    statusCode: 500,
    error: 'Internal Server Error',
    message: 'Internal Server Error',
  });
});

const refused = () => Promise.reject(new HookcellError('ERR_NOT_LOADED', 'no plugin is loaded as /srv/secret.wasm'));
const refuse = () => {
  throw new HookcellError('ERR_NOT_LOADED', 'no plugin is loaded as /srv/secret.wasm');
};

test.each<[string, RouteHooks]>([
  ['a function among the hooks', { before: refused }],
  ['a function after the handler', { after: refused }],
  ['the user', { before: 'yes', user: refused }],
  ['the user, for hooks after the handler', { after: 'yes', user: refused }],
  ['the input', { before: 'yes', input: refused }],
  ['the session', { before: 'yes', session: refused }],
  ['a function that chooses a plugin', { before: { plugin: refuse } }],
  ['a policy', { before: 'crash', onFault: refused }],
  ['applyInput', { before: 'email', applyInput: refuse }],
])('a refusal of the runtime that %s passes on tells the client nothing about the server', async (_, hooks) => {
  const { status, text } = await answered(hooks);

  expect(status).toBe(500);
  expect(text).not.toMatch(inner);
});

test('the cause of a failed request is in the logs', async () => {
  const lines: string[] = [];
  const logger = { warn: (line: string) => lines.push(line) };
  const errors: Error[] = [];
  const prepare = (app: FastifyInstance) =>
    void app.addHook('onError', async (_, __, error) => void errors.push(error));

  await answered({ before: '/srv/secret.wasm', logger }, { prepare });

  expect(lines).toEqual([expect.stringMatching(/^hookcell: the hooks before a handler ended .*secret\.wasm/)]);
  expect(errors).toMatchObject([{ code: 'ERR_NOT_LOADED', cause: { message: expect.stringMatching(/secret\.wasm/) } }]);
});
