// The Express middleware before the handlers, over real HTTP.

import { HookcellError, WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { RequestHandler } from 'express';

import { answerBody, closeServers, post, serve, serveApp, versions } from './support/express';
import { answering, fixture } from './support/wat';

let runtime: WasmRuntime;

beforeAll(async () => {
  runtime = new WasmRuntime({ logger: false });
  await Promise.all([
    runtime.loadPluginBytes('pass-through', await fixture('pass_through')),
    runtime.loadPluginBytes('modifier', await fixture('modifier')),
    runtime.loadPluginBytes('no', await fixture('plugin_error')),
    runtime.loadPluginBytes('bare-no', await answering('{"ok":false}')),
    runtime.loadPluginBytes('crash', await fixture('crash')),
    runtime.loadPluginBytes('endless', await fixture('endless_hook'), { maxFuel: Number.MAX_SAFE_INTEGER }),
    runtime.loadPluginBytes('tight', await fixture('pass_through'), { maxContextBytes: 100 }),
  ]);
});

afterEach(closeServers);
afterAll(() => runtime.close());

const before = (plugin: string) => wasmHooks(runtime, { before: plugin });

describe.each(versions)('on %s, a before hook', (_, express) => {
  test('may change the body of the request', async () => {
    const { url } = await serve(express, before('modifier'), answerBody);

    expect(await post(url, { email: ' Ada@Example.com ' })).toEqual({
      status: 200,
      body: { body: { email: 'ada@example.com', seen: true } },
    });
  });

  test('that changes nothing leaves the very body', async () => {
    let body: unknown;
    const remember: RequestHandler = (request, _response, next) => {
      body = request.body;
      next();
    };
    const { url } = await serve(express, remember, before('pass-through'), (request, response) => {
      response.json({ same: request.body === body });
    });

    expect(await post(url, { a: 1 })).toMatchObject({ body: { same: true } });
  });

  test('that says no answers 422 with its reason and details, and no handler runs', async () => {
    const handler = jest.fn(answerBody);
    const { url, errors } = await serve(express, before('no'), handler);

    expect(await post(url, { email: 'nonsense' })).toEqual({
      status: 422,
      body: { error: 'the e-mail address is not valid', details: [{ field: 'email' }] },
    });
    expect(handler).not.toHaveBeenCalled();
    expect(errors).toEqual([]);
  });

  test('that says no and nothing more has an error and details all the same', async () => {
    const { url } = await serve(express, before('bare-no'), answerBody);

    expect(await post(url, {})).toEqual({ status: 422, body: { error: 'Unprocessable Content', details: [] } });
  });

  test('that fails answers 500 and tells the client nothing', async () => {
    const { url, errors } = await serve(express, before('crash'), answerBody);

    expect(await post(url, {})).toEqual({ status: 500, body: { error: 'Internal Server Error' } });
    expect(errors).toEqual([]);
  });

  test('that does not end is stopped at the deadline of its options', async () => {
    const endless = { plugin: 'endless', options: { timeoutMs: 30 } };
    const { url } = await serve(express, wasmHooks(runtime, { before: endless }), answerBody);

    expect(await post(url, {})).toMatchObject({ status: 500 });
  });

  test('that is not loaded is an error for the error handler', async () => {
    const { url, errors } = await serve(express, before('nobody'), answerBody);

    expect(await post(url, {})).toMatchObject({ status: 500, body: { caught: true } });
    expect(errors).toEqual([expect.any(HookcellError)]);
    expect(errors).toMatchObject([{ code: 'ERR_NOT_LOADED' }]);
  });

  test('sees {} where there is no body, and leaves it out', async () => {
    const { url } = await serveApp(express, (app) => {
      app.all('/', before('pass-through'), (request, response) => {
        response.json({ parsed: request.body !== undefined });
      });
    });

    expect(await (await fetch(url)).json()).toEqual({ parsed: false });
  });

  test.each([[[1, 2]], ['text'], [7], [null]])('never sees the body %j, which answers 422', async (body) => {
    const { url, errors } = await serve(express, before('pass-through'), answerBody);

    expect(await post(url, body)).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^the request body must be an object, got /), details: [] },
    });
    expect(errors).toEqual([]);
  });

  test('with a request over maxContextBytes is an error with the status 413', async () => {
    const { url, errors } = await serve(express, before('tight'), answerBody);

    expect(await post(url, { text: 'x'.repeat(100) })).toMatchObject({ status: 413 });
    expect(errors).toMatchObject([{ code: 'ERR_LIMIT', limit: 'maxContextBytes' }]);
  });

  test.each([
    ['a key __proto__', '{"a":[{"__proto__":{"admin":true}}]}', 'ctx.input.a[0]'],
    ['a key __proto__ of its own', '{"__proto__":1}', 'ctx.input'],
    ['nesting more than 128 deep', `{"a":${'['.repeat(128)}${']'.repeat(128)}}`, 'ctx.input.a[0]'],
  ])('with a request that has %s is an error with the status 400', async (_name, body, place) => {
    const { url, errors } = await serve(express, before('pass-through'), answerBody);
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

    expect(response.status).toBe(400);
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT', place: expect.stringContaining(place) }]);
  });

  test('whose server gets the context wrong is an error without a status', async () => {
    const user = () => ({ id: 7, role: 'admin' }) as never;
    const { url, errors } = await serve(express, wasmHooks(runtime, { before: 'pass-through', user }), answerBody);

    expect(await post(url, {})).toMatchObject({ status: 500 });
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT' }]);
  });

  test('may have another name', async () => {
    const { url, errors } = await serve(
      express,
      wasmHooks(runtime, { before: { plugin: 'crash', hook: 'around' } }),
      answerBody,
    );

    await post(url, {});
    expect(errors).toMatchObject([{ code: 'ERR_NO_HOOK' }]);
  });
});
