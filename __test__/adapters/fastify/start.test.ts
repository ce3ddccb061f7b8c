// A server of Fastify does not start with hooks that would not run, or that would fail every request.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { WasmRuntime } from 'hookcell';
import { hookcell, withHooks } from 'hookcell/fastify';
import type { HookcellOptions } from 'hookcell/fastify';

import { pluginFile, removePluginFiles } from '../../support/child';
import { loadPlugins } from '../behaviors/plugins';

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

function makeApp(): FastifyInstance {
  const app = Fastify();
  apps.push(app);
  return app;
}

const route = { config: { hooks: { before: 'no' } } };
const handler = async () => ({ passed: true });

describe('a route whose hooks would not run keeps the server from starting, if', () => {
  test.each<[string, (app: FastifyInstance) => unknown]>([
    ['hookcell is not registered', (app) => app.post('/', route, handler)],
    [
      'withHooks gives them and hookcell is not registered',
      (app) => app.post('/', withHooks({ before: 'no' }), handler),
    ],
    [
      'it was added before hookcell was registered',
      (app) => {
        app.post('/', route, handler);
        app.register(hookcell, { runtime });
      },
    ],
    [
      'its registration was not awaited',
      (app) => {
        app.register(hookcell, { runtime });
        app.post('/', route, handler);
      },
    ],
    [
      'hookcell is registered in another scope',
      (app) => {
        app.register(async (scope) => void (await scope.register(hookcell, { runtime })));
        app.register(async (scope) => void scope.post('/', route, handler));
      },
    ],
  ])('%s', async (_, prepare) => {
    const app = makeApp();
    prepare(app);

    await expect(app.listen({ host: '127.0.0.1', port: 0 })).rejects.toThrow(
      /^POST \/ has config\.hooks, which would not run/,
    );
  });
});

test('a server that was made before hookcell was loaded lets no request through a route without its hooks', async () => {
  // In another process, because hookcell is loaded in this one.
  const script = `
    import Fastify from 'fastify';
    const [bare, late] = [Fastify(), Fastify()];
    const { hookcell, withHooks } = await import('hookcell/fastify');
    const handler = async () => ({ passed: true });
    bare.post('/', withHooks({ before: 'no' }), handler);
    late.post('/', { config: { hooks: { before: 'no' } } }, handler);
    late.register(hookcell, { logger: false });
    for (const app of [bare, late]) {
      const { statusCode, body } = await app.inject({ method: 'POST', url: '/' });
      console.log(statusCode, body);
      await app.close();
    }`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);

  const error = { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' };
  expect(stdout).toBe(`500 ${JSON.stringify(error)}\n`.repeat(2));
});

test('another plugin may use config.hooks too', async () => {
  const app = makeApp();
  app.post('/', { config: { hooks: { theirs: true } as object } }, handler);

  expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(200);
});

describe('a plugin that is declared and cannot be called keeps the server from starting:', () => {
  /** Starts a server with one route. */
  async function start(
    hooks: object,
    options: HookcellOptions = {},
    load?: (app: FastifyInstance) => Promise<unknown>,
  ) {
    const app = makeApp();
    await app.register(hookcell, { runtime, ...options });
    app.post('/', { config: { hooks } }, handler);
    await load?.(app);
    await app.listen({ host: '127.0.0.1', port: 0 });
  }

  test.each([
    [{ before: 'nobody' }, 'ERR_NOT_LOADED', /config\.hooks of POST \/: before calls "nobody", which is not loaded/],
    [{ before: ['yes', './nowhere.wasm'] }, 'ERR_NOT_LOADED', /before\[1\] calls "\.\/nowhere\.wasm"/],
    [
      { after: { plugin: 'yes', hook: 'around' } },
      'ERR_NO_HOOK',
      /after calls "around" of "yes", which has only .*before_hook/,
    ],
    [
      { before: 'nobody', after: { plugin: 'yes', hook: 'x' } },
      'ERR_NOT_LOADED',
      /\n- .*"nobody"[^]*\n- .*"x" of "yes"/,
    ],
  ])('%j', async (hooks, code, message) => {
    await expect(start(hooks)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a hook that the plugin of a file does not have, however its path is spelled', async () => {
    const file = await pluginFile('pass_through');
    const hooks = { before: { plugin: file.replace(/([^/]+)$/, './$1'), hook: 'around' } };

    await expect(start(hooks, { runtime: undefined, plugins: [file] })).rejects.toMatchObject({ code: 'ERR_NO_HOOK' });
  });

  test('not if it is loaded by then, chosen by a function, or allowed to be loaded later', async () => {
    await start({ before: 'late' }, {}, async () => {
      await runtime.loadPluginBytes('late', await readFile('pdk/wat/validate_email.wasm'));
    });
    await start({ before: { plugin: () => 'nobody' } });
    await start({ before: 'nobody', lateLoading: true });
    await start({ before: 'nobody' }, { lateLoading: true });
  });

  test('not if the runtime is a stand-in that cannot tell', async () => {
    const callHook = async (_plugin: string, _hook: string, ctx: object) => ({ ok: true, ctx, usage: {} });

    await start({ before: 'anybody' }, { runtime: { callHook } as unknown as WasmRuntime });
  });
});
