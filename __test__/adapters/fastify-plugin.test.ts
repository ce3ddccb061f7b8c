// What is Fastify's own: scopes, schemas, error handlers, the runtime's life.

import { Readable } from 'node:stream';

import Fastify from 'fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { WasmRuntime } from 'hookcell';
import hookcellDefault, { hookcell, reject, withHooks } from 'hookcell/fastify';
import type { HookcellOptions } from 'hookcell/fastify';

import { pluginFile, removePluginFiles } from '../support/child';
import { loadPlugins } from './plugins';

const runtime = new WasmRuntime({ logger: false });
beforeAll(() => loadPlugins(runtime));
afterAll(async () => {
  await runtime.close();
  removePluginFiles();
});

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

function makeApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options);
  apps.push(app);
  return app;
}

/** An application whose hooks, where nothing else is said, are called in the runtime with all plugins. */
async function hookedApp(options: HookcellOptions = {}): Promise<FastifyInstance> {
  const app = makeApp();
  await app.register(hookcell, { runtime, logger: false, ...options });
  return app;
}

async function post(app: FastifyInstance, url: string, body: object = {}) {
  const { statusCode: status, body: text, headers } = await app.inject({ method: 'POST', url, payload: body });
  return { status, body: text === '' ? undefined : JSON.parse(text), type: headers['content-type'] };
}

const problem = expect.stringMatching(/^application\/problem\+json/);
const bodySchema = { type: 'object', required: ['email'], properties: { email: { type: 'string', maxLength: 20 } } };
const noEmail = () => ({ input: { seen: true } });

describe('before the handler', () => {
  test('the schema of the route holds for what a hook changed', async () => {
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

  test('at preHandler the schema has been looked at', async () => {
    const app = await hookedApp({ beforeAt: 'preHandler' });
    const options = { schema: { body: bodySchema }, config: { hooks: { before: noEmail } } };
    app.post('/', options, async ({ body }) => body);

    expect(await post(app, '/')).toMatchObject({ status: 400 });
    expect(await post(app, '/', { email: 'a' })).toMatchObject({ status: 200, body: { seen: true } });
  });

  test('the hooks that the route has for the same moment come first', async () => {
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

  test('a request without a body has an empty input, and keeps none where nothing changes it', async () => {
    const app = await hookedApp();
    const hooks = { before: ({ input }: { input: object }) => void expect(input).toEqual({}) };
    app.get('/', { config: { hooks } }, async ({ body }) => ({ body: String(body) }));

    for (const method of ['GET', 'HEAD'] as const) {
      expect((await app.inject({ method, url: '/' })).statusCode).toBe(200);
    }
    expect((await app.inject('/')).json()).toEqual({ body: 'undefined' });
  });

  test('what the hooks made of another input goes where the server says', async () => {
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
  ])('%s is not for hooks', async (_, sent, text) => {
    const app = await hookedApp();
    app.get('/', { config: { hooks: { after: 'crash' } } }, async () => (typeof sent === 'function' ? sent() : sent));

    expect((await app.inject('/')).body).toBe(text);
  });

  test('an error status is for hooks where that is asked for, and once', async () => {
    const app = await hookedApp({ afterErrors: true });
    app.setErrorHandler((error: { statusCode: number }, _request, reply) =>
      reply.code(error.statusCode).send({ mine: true }),
    );
    app.post('/rich', { config: { hooks: { after: 'enrich' } } }, (_request, reply) => reply.code(404).send({}));
    app.post('/no', { config: { hooks: { after: 'no' } } }, (_request, reply) => reply.code(404).send({}));

    expect(await post(app, '/rich')).toMatchObject({ status: 404, body: { rich: true } });
    expect(await post(app, '/no')).toMatchObject({ status: 422, body: { mine: true } });
  });

  test('a handler that throws is for no hook', async () => {
    const app = await hookedApp();
    app.post('/', { config: { hooks: { after: 'enrich' } } }, async () => {
      throw Object.assign(new Error('gone'), { statusCode: 410 });
    });

    expect(await post(app, '/')).toMatchObject({ status: 410, body: { message: 'gone' } });
  });

  test('what the hooks before it have ended is for no hook after it', async () => {
    const app = await hookedApp({ afterErrors: true });
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send({ mine: true }));
    app.post('/', { config: { hooks: { before: 'no', after: 'enrich' } } }, async () => ({}));

    expect(await post(app, '/')).toMatchObject({ status: 418, body: { mine: true } });
  });
});

describe('an error', () => {
  test('goes to the error handler of the server, as an error of Fastify’s kind', async () => {
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

  test('that the server’s error handlers leave to Fastify is answered as a problem', async () => {
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

  test('has the headers that belong to it', async () => {
    const app = await hookedApp();
    const hooks = { before: 'no', problem: () => ({ status: 503, headers: { 'retry-after': '7' } }) };
    app.post('/', { config: { hooks } }, async () => ({}));

    const { headers, statusCode } = await app.inject({ method: 'POST', url: '/' });
    expect({ statusCode, after: headers['retry-after'] }).toEqual({ statusCode: 503, after: '7' });
  });

  test('of the host tells the client nothing of the server', async () => {
    const app = await hookedApp({ lateLoading: true });
    app.post('/', { config: { hooks: { before: '/srv/secret.wasm' } } }, async () => ({}));

    expect(await post(app, '/')).toEqual({
      status: 500,
      type: problem,
      body: { title: 'Internal Server Error', status: 500, error: 'Internal Server Error' },
    });
  });

  test('of a function of the server is for Fastify, as one of a handler is', async () => {
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

test('withHooks gives the options of a route, beside others', async () => {
  const app = await hookedApp();
  app.post('/', { ...withHooks({ before: 'email' }), schema: { body: bodySchema } }, async ({ body }) => body);

  expect((await post(app, '/')).body).toEqual({ email: 'ada@example.com' });
});

describe('a registration', () => {
  test('holds for its scope and those within, and for no other', async () => {
    const app = makeApp();
    const hooks = { before: ({ tenant_id }: { tenant_id: string | null }) => ({ input: { tenant_id } }) };
    for (const tenantId of ['a', 'b']) {
      app.register(
        async (scope) => {
          await scope.register(hookcell, { runtime, tenantId });
          scope.post('/', { config: { hooks } }, async ({ body }) => body);
          scope.register(async (within) => {
            within.post('/within', { config: { hooks } }, async ({ body }) => body);
          });
        },
        { prefix: `/${tenantId}` },
      );
    }
    app.post('/', async ({ body }) => body);
    await app.ready();

    expect(app.hasDecorator('hookcell')).toBe(false);
    expect((await post(app, '/', { sent: 1 })).body).toEqual({ sent: 1 });
    for (const tenantId of ['a', 'b']) {
      expect((await post(app, `/${tenantId}/`)).body).toEqual({ tenant_id: tenantId });
      expect((await post(app, `/${tenantId}/within`)).body).toEqual({ tenant_id: tenantId });
    }
  });

  test('within another takes its place', async () => {
    const app = await hookedApp({ before: 'no' });
    app.register(async (scope) => {
      await scope.register(hookcell, { runtime, before: 'email' });
      scope.post('/within', async ({ body }) => body);
    });
    app.post('/', async ({ body }) => body);

    expect(await post(app, '/within')).toMatchObject({ status: 200, body: { email: 'ada@example.com' } });
    expect(await post(app, '/')).toMatchObject({ status: 422 });
  });

  test('has defaults, which a route overrides or does without', async () => {
    const app = await hookedApp({ before: 'email', onFault: 'open' });
    app.post('/', async ({ body }) => body);
    app.post('/other', { config: { hooks: { before: 'report' } } }, async ({ body }) => body);
    app.post('/more', { config: { hooks: { after: ['crash', 'enrich'] } } }, async ({ body }) => body);
    app.post('/none', { config: { hooks: false } }, async ({ body }) => body);

    expect((await post(app, '/')).body).toEqual({ email: 'ada@example.com' });
    expect((await post(app, '/other')).body).toMatchObject({ seen: { input: {} } });
    expect((await post(app, '/more')).body).toEqual({ rich: true });
    expect((await post(app, '/none', { a: 1 })).body).toEqual({ a: 1 });
  });

  test.each([
    [{ befor: 'no' }, /unknown option 'befor'/],
    [{ runtime, config: {} }, /a runtime, or the config of one, not both/],
    [{ plugins: 'plugin.wasm' }, /^plugins must be an array, got a string/],
    [{ config: { maxFuel: -1 } }, /maxFuel/],
  ])('is refused for wrong options: %j', async (options, message) => {
    await expect(async () => makeApp().register(hookcell, options as HookcellOptions)).rejects.toThrow(message);
  });

  test.each([
    [{ before: 'no', beforeAt: 'onRequest' }, /^beforeAt must be 'preValidation' or 'preHandler', got onRequest$/],
    [{ before: 'no', plugins: [] }, /^config.hooks of POST \/: unknown option 'plugins'/],
    [{ onFault: 'open' }, /^config.hooks of POST \/ takes before, after, or both, got neither/],
  ])('refuses a route with wrong hooks: %j', async (hooks, message) => {
    const app = await hookedApp();

    expect(() => app.post('/', { config: { hooks: hooks as { before: string } } }, async () => ({}))).toThrow(message);
  });

  test('is one a scope', async () => {
    const app = await hookedApp();

    await expect(async () => app.register(hookcell, { runtime })).rejects.toThrow(/hookcell.*already been added/);
  });

  test('takes Fastify 5 and its options for every plugin', async () => {
    const app = makeApp();
    await app.register(hookcellDefault, { runtime, prefix: '/x', logLevel: 'warn' });

    expect(app.hasPlugin('hookcell')).toBe(true);
    expect(app.hookcell).toBe(runtime);
  });
});

describe('a runtime', () => {
  test('is made, has the plugins when the server is ready, and is closed with it', async () => {
    const [plugin, frugal] = [await pluginFile('pass_through'), await pluginFile('report_context')];
    const app = makeApp();
    await app.register(hookcell, { config: { logger: false }, plugins: [plugin, { path: frugal, maxFuel: 5 }] });
    app.post('/', { config: { hooks: { before: plugin } } }, async ({ body }) => body);
    const made = app.hookcell;

    expect(await post(app, '/', { a: 1 })).toMatchObject({ status: 200, body: { a: 1 } });
    expect(await made.callHook(frugal, 'before_hook', { input: {} })).toMatchObject({ fault: { code: 'ERR_FUEL' } });
    await app.close();
    await expect(made.callHook(plugin, 'before_hook', { input: {} })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('that is given stays open', async () => {
    const app = await hookedApp();
    await app.close();

    expect(await runtime.callHook('yes', 'before_hook', { input: {} })).toMatchObject({ ok: true });
  });

  test('that cannot load a plugin keeps the server from starting', async () => {
    const app = makeApp();
    app.register(hookcell, { plugins: ['./nowhere.wasm'] });

    await expect(app.ready()).rejects.toMatchObject({ code: 'ERR_READ', message: expect.stringMatching(/nowhere/) });
  });
});
