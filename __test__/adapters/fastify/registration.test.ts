// The Fastify plugin: its scopes, its options, and the runtime that it makes.

import { WasmRuntime } from 'hookcell';
import hookcellDefault, { hookcell } from 'hookcell/fastify';
import type { HookcellOptions } from 'hookcell/fastify';

import { pluginFile, removePluginFiles } from '../../support/child';
import { loadPlugins } from '../behaviors/plugins';
import { appsOf, post } from './app';

const runtime = new WasmRuntime({ logger: false });
const { makeApp, hookedApp } = appsOf(runtime);
beforeAll(() => loadPlugins(runtime));
afterAll(async () => {
  await runtime.close();
  removePluginFiles();
});

describe('a registration', () => {
  test('applies to its scope and the scopes inside, and to no other', async () => {
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

  test('inside another replaces it', async () => {
    const app = await hookedApp({ before: 'no' });
    app.register(async (scope) => {
      await scope.register(hookcell, { runtime, before: 'email' });
      scope.post('/within', async ({ body }) => body);
    });
    app.post('/', async ({ body }) => body);

    expect(await post(app, '/within')).toMatchObject({ status: 200, body: { email: 'ada@example.com' } });
    expect(await post(app, '/')).toMatchObject({ status: 422 });
  });

  test('has defaults, which a route overrides or turns off', async () => {
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
    [{ runtime, config: {} }, /runtime or config, not both/],
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

  test('is allowed once for each scope', async () => {
    const app = await hookedApp();

    await expect(async () => app.register(hookcell, { runtime })).rejects.toThrow(/hookcell.*already been added/);
  });

  test('accepts Fastify 5 and the options that Fastify has for every plugin', async () => {
    const app = makeApp();
    await app.register(hookcellDefault, { runtime, prefix: '/x', logLevel: 'warn' });

    expect(app.hasPlugin('hookcell')).toBe(true);
    expect(app.hookcell).toBe(runtime);
  });
});

describe('a runtime', () => {
  test('is made, has loaded the plugins when the server is ready, and is closed with it', async () => {
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

  test('that the user gives stays open', async () => {
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
