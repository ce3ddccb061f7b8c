// Every adapter's behaviors, on Koa, and what only Koa does.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import { bodyParser } from '@koa/bodyparser';
import { WasmRuntime } from 'hookcell';
import { failureOf, HookProblem, problemHandler, wasmHooks } from 'hookcell/koa';
import Koa from 'koa';

import { postJson } from '../../support/http';
import { describeBehaviors } from '../behaviors/behaviors';
import { loadPlugins } from '../behaviors/plugins';

async function listen(app: Koa) {
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

describeBehaviors(
  'Koa 3',
  async ({ runtime, hooks, handle }) => {
    const app = new Koa();
    app.silent = true;
    app.use(problemHandler());
    app.use(bodyParser({ jsonStrict: false }));
    app.use(wasmHooks(runtime, hooks as object));
    app.use((ctx) => {
      const handled = handle(ctx.request.body);
      if ('sent' in handled) {
        ctx.body = handled.sent;
      } else {
        ctx.body = handled.json;
        ctx.status = handled.status ?? ctx.status;
      }
    });
    return await listen(app);
  },
  {
    // Koa responds to `null` with 204 and no body, so that there is nothing for hooks to see.
    'null, as the hooks leave it': { status: 204, body: undefined },
    // Koa's parser refuses these itself.
    'a body with a key __proto__': { status: 400, body: undefined },
    'a body that is a key __proto__': { status: 400, body: undefined },
  },
);

describe('on Koa,', () => {
  const runtime = new WasmRuntime({ logger: false });
  const closing: (() => Promise<void>)[] = [];

  beforeAll(() => loadPlugins(runtime));
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));
  afterAll(() => runtime.close());

  async function serve(mount: (app: Koa) => void): Promise<string> {
    const app = new Koa();
    app.silent = true;
    mount(app);
    const { url, close } = await listen(app);
    closing.push(close);
    return url;
  }

  test('a middleware of the server gets the error as from ctx.throw, and may respond in its own way', async () => {
    const caught: unknown[] = [];
    const url = await serve((app) => {
      app.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          caught.push(error);
          ctx.status = (error as HookProblem).status;
          ctx.body = { own: (error as HookProblem).message };
        }
      });
      app.use(bodyParser());
      app.use(wasmHooks(runtime, { before: 'no-409' }));
    });

    expect(await postJson(url, {})).toMatchObject({ status: 409, body: { own: 'taken' } });
    expect(caught).toEqual([expect.any(HookProblem)]);
    expect(failureOf(caught[0])).toMatchObject({ kind: 'rejected', plugin: 'no-409' });
  });

  test('without problemHandler Koa responds with the reason as text, and tells nothing of a fault', async () => {
    const url = await serve((app) => {
      app.use(bodyParser());
      app.use(wasmHooks(runtime, { before: { plugin: ({ headers }) => headers['x-plugin'] }, headers: ['x-plugin'] }));
    });

    expect(await postJson(url, {}, { 'x-plugin': 'no' })).toMatchObject({ status: 422, text: 'not today' });
    expect(await postJson(url, {}, { 'x-plugin': 'crash' })).toMatchObject({
      status: 500,
      text: 'Internal Server Error',
    });
  });

  test.each<[string, () => unknown]>([
    ['a stream', () => Readable.from(['streamed'])],
    ['a buffer', () => Buffer.from('streamed')],
    ['a blob', () => new Blob(['streamed'])],
    ['a web stream', () => new Blob(['streamed']).stream()],
    ['a web response', () => new Response('streamed')],
    ['text', () => 'streamed'],
  ])('hooks after the handler do not see %s', async (_, makeBody) => {
    const url = await serve((app) => {
      app.use(wasmHooks(runtime, { after: 'crash' }));
      app.use((ctx) => {
        ctx.body = makeBody();
      });
    });

    expect(await postJson(url, {})).toMatchObject({ status: 200, text: 'streamed' });
  });

  test('a body that hooks changed keeps the status and type of the handler, and its length is right', async () => {
    const url = await serve((app) => {
      app.use(wasmHooks(runtime, { after: 'enrich' }));
      app.use((ctx) => {
        ctx.status = 202;
        ctx.type = 'application/hal+json';
        ctx.length = 9;
        ctx.body = { id: 7 };
      });
    });

    const answer = await postJson(url, {});

    expect(answer).toMatchObject({ status: 202, body: { rich: true } });
    expect(answer.headers.get('content-type')).toMatch('application/hal+json');
    expect(answer.headers.get('content-length')).toBe(String(answer.text.length));
  });

  test('without a parser before the hooks a body is refused with 500, and not taken for {}', async () => {
    const handle = jest.fn();
    const url = await serve((app) => {
      app.use(wasmHooks(runtime, { before: 'yes', logger: false }));
      app.use(handle);
    });

    expect((await postJson(url, { a: 1 })).status).toBe(500);
    expect(handle).not.toHaveBeenCalled();
  });

  test('hooks after the handler see the input that a parser behind them read', async () => {
    const url = await serve((app) => {
      app.use(wasmHooks(runtime, { after: 'report' }));
      app.use(bodyParser());
      app.use((ctx) => {
        ctx.body = {};
      });
    });

    expect((await postJson(url, { a: 1 })).body).toMatchObject({ input: { a: 1 } });
  });

  test('check tells what is missing', async () => {
    await expect(wasmHooks(runtime, { before: 'nowhere' }).check()).rejects.toThrow(/"nowhere", which is not loaded/);
  });
});
