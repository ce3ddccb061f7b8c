// What hooks after the handlers see and change of a response of Express, over real HTTP.

import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';

import type { ErrorRequestHandler } from 'express';
import { WasmRuntime } from 'hookcell';
import { reject, wasmHooks } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { soon } from '../../support/clock';
import { answerItem, closeServers, post, serve, serveApp, versions } from '../../support/express';
import { postJson } from '../../support/http';
import { answering, fixture } from '../../support/wat';

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
  test('sees the response as data and the body of the request as input', async () => {
    const { url } = await serve(express, after('report'), answerItem);

    expect((await post(url, { name: 'Ada' })).body).toMatchObject({ input: { name: 'Ada' }, data: { id: 7 } });
  });

  test('sees an object that is sent with res.send', async () => {
    const { url } = await serve(express, after('report'), (_request, response) => {
      response.send({ id: 7 });
    });

    expect((await post(url, {})).body).toMatchObject({ data: { id: 7 } });
  });

  test.each([[null], [false], [0], [''], ['text'], [[1, 2]]])('sees the response %j', async (value) => {
    const { url } = await serve(express, after('report'), (_request, response) => {
      response.json(value);
    });

    expect((await post(url, {})).body).toMatchObject({ data: value });
  });

  test.each([[null], [false], [0], [''], ['text'], [[1, 2]]])('does not change the response %j', async (value) => {
    const { url } = await serve(express, after('pass-through'), (_request, response) => {
      response.json(value);
    });

    expect((await post(url, {})).body).toEqual(value);
  });

  test.each([400, 404, 503])('does not see a response of status %d', async (status) => {
    const { url } = await serve(express, after('crash'), (_request, response) => {
      response.status(status).json({ error: 'no' });
    });

    expect(await post(url, {})).toEqual({ status, body: { error: 'no' } });
  });

  test('sees a response of status 404 if afterErrors is on', async () => {
    const seesErrors = wasmHooks(runtime, { after: 'report', afterErrors: true });
    const { url } = await serve(express, seesErrors, (_request, response) => {
      response.status(404).json({ error: 'no' });
    });

    expect(await post(url, {})).toMatchObject({ status: 404, body: { data: { error: 'no' } } });
  });

  test('does not lose the response of a handler that then fails, as without hooks', async () => {
    const seesErrors = wasmHooks(runtime, { after: 'report', afterErrors: true });
    const { url, errors } = await serve(express, seesErrors, (_request, response) => {
      response.json({ id: 7 });
      throw new Error('after the answer');
    });

    expect(await post(url, {})).toMatchObject({ status: 200, body: { data: { id: 7 } } });
    expect(errors).toMatchObject([{ message: 'after the answer' }]);
  });

  test('does not see or change a stream', async () => {
    const { url } = await serve(express, after('crash'), (_request, response) => {
      Readable.from(['{"a"', ':1}']).pipe(response.type('json'));
    });

    expect(await post(url, {})).toEqual({ status: 200, body: { a: 1 } });
  });

  test('is not bypassed by what a handler writes after its response, which is refused and logged', async () => {
    const warn = jest.fn();
    const told: unknown[] = [];
    const hooks = wasmHooks(runtime, { after: { plugin: 'data', hook: 'before_hook' }, logger: { warn } });
    const { url, errors } = await serve(express, hooks, (_request, response) => {
      response.json({ id: 7 });
      told.push(response.write('"more"', (error) => told.push(error)));
      response.end('"mine"');
    });

    expect(await post(url, {})).toEqual({ status: 200, body: { enriched: true } });
    expect(told).toEqual([false, expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' })]);
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringContaining('called write() on a response after json()'),
      expect.stringContaining('called end() on a response after json()'),
    ]);
    expect(errors).toEqual([]);
  });

  test.each(['res.json().end()', 'res.json; res.end()'])(
    'runs, and its response is sent completely, with %s',
    async (idiom) => {
      const { url } = await serve(express, after('data', 'before_hook'), (_request, response) => {
        const answered = response.status(201).json({ id: 7 });
        (idiom === 'res.json().end()' ? answered : response).end();
      });

      expect(await post(url, {})).toEqual({ status: 201, body: { enriched: true } });
    },
  );

  test('that rejects leaves nothing of the response to the error handler', async () => {
    const types: unknown[] = [];
    const hooks = wasmHooks(runtime, { after: () => reject('no'), logger: false });
    const { url } = await serveApp(express, (app) => {
      app.get('/', hooks, (_request, response) => {
        response.json({ id: 7 }).end();
        response.status(500);
      });
      const tell: ErrorRequestHandler = (error: { status: number }, _request, response, _next) => {
        types.push(response.headersSent, response.statusCode, response.get('content-type'));
        response.status(error.status).send('no');
      };
      app.use(tell);
    });

    const answer = await fetch(url);
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([
      422,
      'no',
      'text/html; charset=utf-8',
    ]);
    expect(types).toEqual([false, 200, undefined]);
  });

  test('sees what the client would get, and its changes are sent as the application writes JSON', async () => {
    const secret = { name: 'ada', password: 'x', count: 1n, tag: '<b>' };
    const replacer = (key: string, value: unknown) =>
      key === 'password' ? undefined : typeof value === 'bigint' ? `n${value}` : value;
    const { url } = await serveApp(express, (app) => {
      app.set('json replacer', replacer).set('json escape', true).set('json spaces', 1);
      app.post('/report', after('report'), (_request, response) => {
        response.json(secret);
      });
      app.post('/leave', after('pass-through'), (_request, response) => {
        response.json(secret);
      });
    });

    const report = await postJson(`${url}report`, undefined);
    expect(report.body.data).toEqual({ name: 'ada', count: 'n1', tag: '<b>' });
    expect(report.text).toContain(String.raw`"tag": "\u003cb\u003e"`);
    expect((await postJson(`${url}leave`, undefined)).text).toBe(
      String.raw`{\n "name": "ada",\n "count": "n1",\n "tag": "\u003cb\u003e"\n}`.replaceAll(String.raw`\n`, '\n'),
    );
  });

  test('that is a function sees the server’s own value, and a plugin’s change leaves the other parts of it alone', async () => {
    const at = new Date(0);
    const bytes = Buffer.from('x');
    const given = { at, bytes, none: undefined, map: new Map([[1, 2]]), name: 'ada' };
    const seen: Record<string, unknown>[] = [];
    const rename = pluginAnswering({
      ok: true,
      ctx: { data: { ...(JSON.parse(JSON.stringify(given)) as object), name: 'eve' } },
    });
    await runtime.loadPluginBytes('rename', rename);
    const hooks = wasmHooks(runtime, { after: ['rename', ({ data }) => void seen.push(data as never)] });
    const { url } = await serve(express, hooks, (_request, response) => {
      response.json(given);
    });

    expect((await post(url, {})).body).toEqual({ ...JSON.parse(JSON.stringify(given)), name: 'eve' });
    expect(seen[0]).toEqual({ ...given, name: 'eve' });
    expect(seen[0]?.['at']).toBe(at);
    expect(seen[0]?.['bytes']).toBe(bytes);
    expect(seen[0]?.['map']).toBe(given.map);
    expect(seen[0]).toHaveProperty('none', undefined);
  });

  test('does not see a string or an empty response', async () => {
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

  test('that is not loaded is an error for the error handler, whose response it does not change', async () => {
    const { url, errors } = await serve(express, after('nobody'), answerItem);

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ code: 'ERR_NOT_LOADED' }]);
  });

  test('is an error for the error handler if JSON cannot hold the response', async () => {
    const { url, errors } = await serve(express, after('pass-through'), (_request, response) => {
      response.json({ count: 1n });
    });

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT' }]);
  });

  test('has sent the response when an error handler runs, which cannot respond again', async () => {
    const { url, errors } = await serve(express, after('data', 'before_hook'), (_request, response) => {
      response.json({ id: 7 });
      throw new Error('after the answer');
    });

    expect(await post(url, {})).toEqual({ status: 200, body: { enriched: true } });
    expect(errors).toMatchObject([{ message: 'after the answer' }]);
  });

  test('lets a handler respond once', async () => {
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

  test('does no harm if the client has disconnected', async () => {
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
