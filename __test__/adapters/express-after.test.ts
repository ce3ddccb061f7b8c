// What hooks after the handlers see and change of an answer of Express, over real HTTP.

import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';

import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';

import { soon } from '../support/clock';
import { answerItem, closeServers, post, serve, serveApp, versions } from '../support/express';
import { answering, fixture } from '../support/wat';

let runtime: WasmRuntime;

beforeAll(async () => {
  runtime = new WasmRuntime({ logger: false });
  await Promise.all([
    runtime.loadPluginBytes('pass-through', await fixture('pass_through')),
    runtime.loadPluginBytes('report', await fixture('report_context')),
    runtime.loadPluginBytes('crash', await fixture('crash')),
    runtime.loadPluginBytes('data', await answering('{"ok":true,"ctx":{"data":{"enriched":true}}}')),
  ]);
});

afterEach(closeServers);
afterAll(() => runtime.close());

const after = (plugin: string, hook?: string) => wasmHooks(runtime, { after: { plugin, hook }, logger: false });

describe.each(versions)('on %s, an after hook', (_, express) => {
  test('sees the answer as data and the body of the request as input', async () => {
    const { url } = await serve(express, after('report'), answerItem);

    expect((await post(url, { name: 'Ada' })).body).toMatchObject({ input: { name: 'Ada' }, data: { id: 7 } });
  });

  test('sees an answer of res.send with an object', async () => {
    const { url } = await serve(express, after('report'), (_request, response) => {
      response.send({ id: 7 });
    });

    expect((await post(url, {})).body).toMatchObject({ data: { id: 7 } });
  });

  test.each([[null], [false], [0], [''], ['text'], [[1, 2]]])('sees the answer %j', async (value) => {
    const { url } = await serve(express, after('report'), (_request, response) => {
      response.json(value);
    });

    expect((await post(url, {})).body).toMatchObject({ data: value });
  });

  test.each([[null], [false], [0], [''], ['text'], [[1, 2]]])('leaves the answer %j', async (value) => {
    const { url } = await serve(express, after('pass-through'), (_request, response) => {
      response.json(value);
    });

    expect((await post(url, {})).body).toEqual(value);
  });

  test.each([400, 404, 503])('does not see an answer of status %d', async (status) => {
    const { url } = await serve(express, after('crash'), (_request, response) => {
      response.status(status).json({ error: 'no' });
    });

    expect(await post(url, {})).toEqual({ status, body: { error: 'no' } });
  });

  test('sees an answer of status 404 where it is asked to', async () => {
    const seesErrors = wasmHooks(runtime, { after: 'report', afterErrors: true });
    const { url } = await serve(express, seesErrors, (_request, response) => {
      response.status(404).json({ error: 'no' });
    });

    expect(await post(url, {})).toMatchObject({ status: 404, body: { data: { error: 'no' } } });
  });

  test('that sees errors leaves those of a handler that fails after it has answered', async () => {
    const seesErrors = wasmHooks(runtime, { after: 'report', afterErrors: true });
    const { url } = await serve(express, seesErrors, (_request, response) => {
      response.json({ id: 7 });
      throw new Error('after the answer');
    });

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
  });

  test('does not see a stream, nor changes it', async () => {
    const { url } = await serve(express, after('crash'), (_request, response) => {
      Readable.from(['{"a"', ':1}']).pipe(response.type('json'));
    });

    expect(await post(url, {})).toEqual({ status: 200, body: { a: 1 } });
  });

  test('gives way to a handler that ends the answer itself', async () => {
    const { url, errors } = await serve(express, after('data', 'before_hook'), (_request, response) => {
      response.json({ id: 7 });
      response.end('"mine"');
    });

    expect(await post(url, {})).toEqual({ status: 200, body: 'mine' });
    expect(errors).toEqual([]);
  });

  test('does not see a string or an empty answer', async () => {
    const { url } = await serve(express, after('crash'), (request, response) => {
      if (request.method === 'PUT') {
        response.status(204).end();
      } else {
        response.send('"text"');
      }
    });

    expect(await post(url, {})).toEqual({ status: 200, body: 'text' });
    expect((await fetch(url, { method: 'PUT' })).status).toBe(204);
  });

  test('that is not loaded is an error for the error handler, whose answer it does not touch', async () => {
    const { url, errors } = await serve(express, after('nobody'), answerItem);

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ code: 'ERR_NOT_LOADED' }]);
  });

  test('with an answer that JSON cannot hold is an error for the error handler', async () => {
    const { url, errors } = await serve(express, after('pass-through'), (_request, response) => {
      response.json({ count: 1n });
    });

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT' }]);
  });

  test('gives way to an error handler that answers first', async () => {
    const { url, errors } = await serve(express, after('data', 'before_hook'), (_request, response) => {
      response.json({ id: 7 });
      throw new Error('after the answer');
    });

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ message: 'after the answer' }]);
  });

  test('lets a handler answer once', async () => {
    let second: unknown;
    const { url } = await serve(express, after('pass-through'), (_request, response) => {
      response.json({ id: 1 });
      try {
        response.json({ id: 2 });
      } catch (error) {
        second = error;
      }
    });

    expect(await post(url, {})).toEqual({ status: 200, body: { id: 1 } });
    expect(second).toMatchObject({ code: 'ERR_HTTP_HEADERS_SENT' });
  });

  test('runs inside another that was mounted before it', async () => {
    const { url } = await serve(express, after('report'), after('data', 'before_hook'), answerItem);

    expect((await post(url, {})).body).toMatchObject({ data: { enriched: true } });
  });

  test('serves a whole application', async () => {
    const { url } = await serveApp(express, (app) => {
      app.use(express.json(), after('report'));
      const router = express.Router();
      router.post('/', answerItem);
      app.use('/items', router);
    });

    expect((await post(`${url}items`, {})).body).toMatchObject({ data: { id: 7 } });
    expect((await fetch(`${url}nothing`)).status).toBe(404);
  });

  test('is of no use to a client that has gone, and does no harm', async () => {
    let hangUp = () => {};
    const gone = new Promise<void>((resolve) => (hangUp = resolve));
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hooks = wasmHooks(runtime, { after: [() => gone, 'report', () => end()] });
    const { url, errors } = await serve(express, hooks, (_request, response) => {
      response.on('close', hangUp);
      response.json({ id: 7 });
      client.destroy();
    });
    const client = httpRequest(url, { method: 'POST' });
    client.on('error', () => undefined);
    client.end();

    await ended;
    await soon();
    expect(errors).toEqual([]);
  });
});
