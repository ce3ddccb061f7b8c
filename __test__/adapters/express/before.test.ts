// What hooks before the handlers see and change of a request of Express, over real HTTP.

import type { Request, RequestHandler } from 'express';
import { WasmRuntime } from 'hookcell';
import type { JsonObject } from 'hookcell';
import { problemHandler, wasmHooks } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { answerBody, closeServers, post, serve, serveApp, versions } from '../../support/express';
import { fixture } from '../../support/wat';

const runtime = new WasmRuntime({ logger: false });

beforeAll(async () => {
  await Promise.all([
    runtime.loadPluginBytes('yes', pluginAnswering({ ok: true })),
    runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not here' })),
    runtime.loadPluginBytes('report', await fixture('report_context')),
  ]);
});

afterEach(closeServers);
afterAll(() => runtime.close());

describe.each(versions)('on %s, a hook before the handlers', (_, express) => {
  test('that changes nothing leaves the same body object', async () => {
    let body: unknown;
    const remember: RequestHandler = (request, _response, next) => {
      body = request.body;
      next();
    };
    const { url } = await serve(express, remember, wasmHooks(runtime, { before: 'yes' }), (request, response) => {
      response.json({ same: request.body === body });
    });

    expect(await post(url, { a: 1 })).toMatchObject({ body: { same: true } });
  });

  test('sees {} if there is no body, and adds none', async () => {
    const { url } = await serveApp(express, (app) => {
      app.all('/', wasmHooks(runtime, { before: 'yes' }), (request, response) => {
        response.json({ parsed: request.body !== undefined });
      });
    });

    expect(await (await fetch(url)).json()).toEqual({ parsed: false });
  });

  test.each([[[1, 2]], ['text'], [7], [null]])('never sees the body %j, which gets 400', async (body) => {
    const { url, errors } = await serve(express, wasmHooks(runtime, { before: 'yes' }), answerBody);

    expect((await post(url, body)).status).toBe(400);
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^the input must be an object, got /), expose: true },
    ]);
  });

  test('is not bypassed by a body that was not parsed', async () => {
    const handled = jest.fn();
    const { url, errors } = await serveApp(express, (app) => {
      app.post('/', wasmHooks(runtime, { before: 'yes', logger: false }), handled);
    });

    expect((await post(url, { a: 1 })).status).toBe(500);
    expect(handled).not.toHaveBeenCalled();
    const [error] = errors as (Error & { cause?: Error })[];
    expect(`${error?.message} ${error?.cause?.message}`).toContain('such as express.json(), before the hooks');
  });

  test('is not bypassed by a body of a type that the parser ignores', async () => {
    const { url } = await serveApp(express, (app) => {
      app.post('/', express.json(), wasmHooks(runtime, { before: 'yes', logger: false }), answerBody);
      app.use(problemHandler());
    });

    expect(await post(url, { a: 1 }, { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { error: expect.stringContaining('no parser before the hooks reads a body of this type') },
    });
    expect(await post(url, undefined)).toEqual({ status: 200, body: expect.anything() });
  });

  test('keeps values without JSON if a plugin changes other members', async () => {
    const bytes = Buffer.from('x');
    const at = new Date(0);
    let body: Record<string, unknown> = {};
    const parse: RequestHandler = (request, _response, next) => {
      request.body = { bytes, at, none: undefined, list: [{ at }], name: 'ada' };
      next();
    };
    const answer = JSON.parse(JSON.stringify({ bytes, at, list: [{ at }], name: 'eve' })) as JsonObject;
    await runtime.loadPluginBytes('rename', pluginAnswering({ ok: true, ctx: { input: answer } }));
    const { url } = await serveApp(express, (app) => {
      app.post('/', parse, wasmHooks(runtime, { before: 'rename' }), (request, response) => {
        body = request.body as Record<string, unknown>;
        response.end();
      });
    });

    await post(url, undefined);
    expect(body).toEqual({ bytes, at, none: undefined, list: [{ at }], name: 'eve' });
    expect(body['bytes']).toBe(bytes);
    expect(body['at']).toBe(at);
  });

  test('sees the input that the server makes from the request, which then becomes the body', async () => {
    const input = (request: Request) => ({ ...request.query, ...request.params });
    const { url } = await serveApp(express, (app) => {
      app.get('/items/:id', wasmHooks(runtime, { before: 'yes', input }), answerBody);
    });

    expect(await (await fetch(`${url}items/7?sort=name`)).json()).toEqual({ body: { sort: 'name', id: '7' } });
  });

  test('has its changes applied by applyInput', async () => {
    const hooks = wasmHooks(runtime, {
      before: 'report',
      input: (request: Request) => ({ sort: request.query['sort'] }),
      applyInput: (request, changed) => Object.assign(request, { search: changed }),
    });
    const { url } = await serve(express, hooks, (request, response) => {
      response.json({ body: request.body, search: (request as { search?: unknown }).search });
    });

    expect((await post(`${url}?sort=name`, { a: 1 })).body).toMatchObject({
      body: { a: 1 },
      search: { seen: { input: { sort: 'name' } } },
    });
  });

  test('runs for a router, and for no route outside it', async () => {
    const { url } = await serveApp(express, (app) => {
      const router = express.Router();
      router.use(wasmHooks(runtime, { before: 'no' }));
      router.post('/inside', answerBody);
      app.use(express.json());
      app.use('/guarded', router);
      app.post('/outside', answerBody);
      app.use(problemHandler());
    });

    expect(await post(`${url}guarded/inside`, {})).toMatchObject({ status: 422, body: { error: 'not here' } });
    expect(await post(`${url}outside`, {})).toMatchObject({ status: 200 });
  });

  test('does not share its session with hooks of another middleware', async () => {
    const count = wasmHooks(runtime, {
      before: ({ input, session }) => ({ input: { ...input, [`seen${Object.keys(input).length}`]: session.seen++ } }),
      session: () => ({ seen: 0 }),
    });
    const { url } = await serve(express, count, count, answerBody);

    expect((await post(url, {})).body).toEqual({ body: { seen0: 0, seen1: 0 } });
  });
});
