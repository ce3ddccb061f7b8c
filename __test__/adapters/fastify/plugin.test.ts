// What only Fastify has: scopes, schemas, error handlers, a runtime that closes with the server.

import { Readable } from 'node:stream';

import { WasmRuntime } from 'hookcell';
import { reject, withHooks } from 'hookcell/fastify';

import { loadPlugins } from '../behaviors/plugins';
import { appsOf, post } from './app';

const runtime = new WasmRuntime({ logger: false });
const { hookedApp } = appsOf(runtime);
beforeAll(() => loadPlugins(runtime));
afterAll(() => runtime.close());

const problem = expect.stringMatching(/^application\/problem\+json/);
const bodySchema = { type: 'object', required: ['email'], properties: { email: { type: 'string', maxLength: 20 } } };
const noEmail = () => ({ input: { seen: true } });

describe('before the handler', () => {
  test('the schema of the route validates what a hook changed', async () => {
    const app = await hookedApp();
    app.post(
      '/mended',
      { schema: { body: bodySchema }, config: { hooks: { before: 'email' } } },
      async ({ body }) => body,
    );
    app.post(
      '/broken',
      { schema: { body: bodySchema }, config: { hooks: { before: noEmail } } },
      async ({ body }) => body,
    );

    expect(await post(app, '/mended')).toMatchObject({ status: 200, body: { email: 'ada@example.com' } });
    expect(await post(app, '/broken', { email: 'a' })).toMatchObject({
      status: 400,
      body: { code: 'FST_ERR_VALIDATION' },
    });
  });

  test('at preHandler the schema has been validated already', async () => {
    const app = await hookedApp({ beforeAt: 'preHandler' });
    const options = { schema: { body: bodySchema }, config: { hooks: { before: noEmail } } };
    app.post('/', options, async ({ body }) => body);

    expect(await post(app, '/')).toMatchObject({ status: 400 });
    expect(await post(app, '/', { email: 'a' })).toMatchObject({ status: 200, body: { seen: true } });
  });

  test('Fastify hooks of the route at the same point run first', async () => {
    const app = await hookedApp();
    const order: string[] = [];
    app.post(
      '/',
      {
        preValidation: [async () => void order.push('first'), async () => void order.push('second')],
        config: { hooks: { before: () => void order.push('ours') } },
      },
      async () => order,
    );

    expect((await post(app, '/')).body).toEqual(['first', 'second', 'ours']);
  });

  test('a request without a body has an empty input, and gets no body if no hook changes it', async () => {
    const app = await hookedApp();
    const hooks = { before: ({ input }: { input: object }) => void expect(input).toEqual({}) };
    app.get('/', { config: { hooks } }, async ({ body }) => ({ body: String(body) }));

    for (const method of ['GET', 'HEAD'] as const) {
      expect((await app.inject({ method, url: '/' })).statusCode).toBe(200);
    }
    expect((await app.inject('/')).json()).toEqual({ body: 'undefined' });
  });

  test('applyInput gets what the hooks made of another input', async () => {
    const app = await hookedApp();
    const hooks = {
      before: 'email',
      input: ({ query }: { query: unknown }) => query,
      applyInput: (request: { query: unknown }, input: unknown) => void (request.query = input),
    };
    app.get('/', { config: { hooks } }, async ({ query }) => query);

    expect((await app.inject('/?a=1')).json()).toEqual({ email: 'ada@example.com' });
  });
});

describe('after the handler', () => {
  test.each([
    ['a string', 'text', 'text'],
    ['a buffer', Buffer.from('bytes'), 'bytes'],
    ['a stream', () => Readable.from(['stream']), 'stream'],
  ])('hooks do not see %s', async (_, sent, text) => {
    const app = await hookedApp();
    app.get('/', { config: { hooks: { after: 'crash' } } }, async () => (typeof sent === 'function' ? sent() : sent));

    expect((await app.inject('/')).body).toBe(text);
  });

  test('hooks see a response of an error status if afterErrors is on, and once', async () => {
    const app = await hookedApp({ afterErrors: true });
    app.setErrorHandler((error: { statusCode: number }, _request, reply) =>
      reply.code(error.statusCode).send({ mine: true }),
    );
    app.post('/rich', { config: { hooks: { after: 'enrich' } } }, (_request, reply) => reply.code(404).send({}));
    app.post('/no', { config: { hooks: { after: 'no' } } }, (_request, reply) => reply.code(404).send({}));

    expect(await post(app, '/rich')).toMatchObject({ status: 404, body: { rich: true } });
    expect(await post(app, '/no')).toMatchObject({ status: 422, body: { mine: true } });
  });

  test('hooks do not see the response to an error of a handler', async () => {
    const app = await hookedApp();
    app.post('/', { config: { hooks: { after: 'enrich' } } }, async () => {
      throw Object.assign(new Error('gone'), { statusCode: 410 });
    });

    expect(await post(app, '/')).toMatchObject({ status: 410, body: { message: 'gone' } });
  });

  test('hooks after the handler do not see a request that hooks before it ended', async () => {
    const app = await hookedApp({ afterErrors: true });
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send({ mine: true }));
    app.post('/', { config: { hooks: { before: 'no', after: 'enrich' } } }, async () => ({}));

    expect(await post(app, '/')).toMatchObject({ status: 418, body: { mine: true } });
  });
});

describe('an error', () => {
  test('goes to the error handler of the server, with the members of Fastify’s own errors', async () => {
    const app = await hookedApp();
    const seen: unknown[] = [];
    app.setErrorHandler((error, _request, reply) => {
      seen.push(error);
      return reply.code(418).send({ mine: true });
    });
    app.post('/', { config: { hooks: { before: 'no' } } }, async () => ({}));

    expect(await post(app, '/')).toEqual({ status: 418, body: { mine: true }, type: expect.stringMatching(/\/json/) });
    expect(seen).toEqual([
      expect.objectContaining({
        name: 'HookProblem',
        statusCode: 422,
        code: 'ERR_HOOK_REJECTED',
        message: 'not today',
      }),
    ]);
  });

  test('that the server’s error handlers leave to Fastify is sent as a problem', async () => {
    const app = await hookedApp();
    app.setErrorHandler((error) => {
      throw error;
    });
    const hooks = { before: 'no' };
    app.post('/thrown', { config: { hooks } }, async () => ({}));
    app.post('/sent', { errorHandler: (error, _, reply) => reply.send(error), config: { hooks } }, async () => ({}));

    for (const url of ['/thrown', '/sent']) {
      expect(await post(app, url)).toEqual({
        status: 422,
        type: problem,
        body: { title: 'Unprocessable Entity', status: 422, error: 'not today', details: [{ field: 'email' }] },
      });
    }
  });

  test.each(['', '"quoted" \\ \n\t\u0000', 'nein — 否 🙅', '\ud800', 'x'.repeat(10_000)])(
    'is answered as a problem whatever the reason is: %j',
    async (reason) => {
      const app = await hookedApp();
      app.post('/', { config: { hooks: { before: () => reject(reason) } } }, async () => ({}));

      expect(await post(app, '/')).toMatchObject({ status: 422, type: problem, body: { error: reason } });
    },
  );

  test('sets its headers on the response', async () => {
    const app = await hookedApp();
    const hooks = { before: 'no', problem: () => ({ status: 503, headers: { 'retry-after': '7' } }) };
    app.post('/', { config: { hooks } }, async () => ({}));

    const { headers, statusCode } = await app.inject({ method: 'POST', url: '/' });
    expect({ statusCode, after: headers['retry-after'] }).toEqual({ statusCode: 503, after: '7' });
  });

  test('of the host tells the client nothing about the server', async () => {
    const app = await hookedApp({ lateLoading: true });
    app.post('/', { config: { hooks: { before: '/srv/secret.wasm' } } }, async () => ({}));

    expect(await post(app, '/')).toEqual({
      status: 500,
      type: problem,
      body: { title: 'Internal Server Error', status: 500, error: 'Internal Server Error' },
    });
  });

  test('thrown by a function of the server is handled by Fastify, like one of a handler', async () => {
    const app = await hookedApp();
    const hooks = {
      before: () => {
        throw new Error('out of tea');
      },
    };
    app.post('/', { config: { hooks } }, async () => ({}));

    expect(await post(app, '/')).toMatchObject({ status: 500, body: { message: 'out of tea' } });
  });
});

test('withHooks gives options of a route that can be combined with others', async () => {
  const app = await hookedApp();
  app.post('/', { ...withHooks({ before: 'email' }), schema: { body: bodySchema } }, async ({ body }) => body);

  expect((await post(app, '/')).body).toEqual({ email: 'ada@example.com' });
});
