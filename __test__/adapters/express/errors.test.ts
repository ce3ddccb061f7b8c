// How Express's error handling handles requests that hooks ended.

import { createServer, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HookcellError, WasmRuntime } from 'hookcell';
import type { JsonObject } from 'hookcell';
import { HookProblem, problemHandler, wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { answerBody, closeServers, post, serve, serveApp, versions } from '../../support/express';

const runtime = new WasmRuntime({ logger: false });

beforeAll(async () => {
  await Promise.all([
    runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today', details: [{ field: 'a' }] })),
    runtime.loadPluginBytes('crash', pluginFailing()),
    runtime.loadPluginBytes('yes', pluginAnswering({ ok: true })),
  ]);
});

afterEach(closeServers);
afterAll(() => runtime.close());

const hooks = (options: WasmHooksOptions) => wasmHooks(runtime, { circuitBreaker: false, logger: false, ...options });

describe.each(versions)('on %s,', (_, express) => {
  test('a rejection goes to the error handler, with what it needs to respond', async () => {
    const { url, errors } = await serve(express, hooks({ before: 'no' }), answerBody);

    expect(await post(url, {})).toEqual({ status: 422, body: { caught: true } });
    expect(errors).toEqual([expect.any(HookProblem)]);
    expect(errors).toMatchObject([
      {
        name: 'HookProblem',
        message: 'not today',
        status: 422,
        statusCode: 422,
        expose: true,
        failure: { kind: 'rejected', stage: 'before', plugin: 'no', error: 'not today', details: [{ field: 'a' }] },
      },
    ]);
    expect(JSON.parse(JSON.stringify(errors[0]))).toEqual({
      title: STATUS_CODES[422],
      status: 422,
      error: 'not today',
      details: [{ field: 'a' }],
    });
  });

  test('a fault goes to the error handler too, and its details are not enumerable', async () => {
    const { url, errors } = await serve(express, hooks({ before: 'crash' }), answerBody);

    await post(url, {});

    expect(errors).toMatchObject([
      {
        message: 'Internal Server Error',
        status: 500,
        expose: false,
        failure: { kind: 'faulted', plugin: 'crash', hook: 'before_hook', fault: { code: 'ERR_TRAP' } },
      },
    ]);
    expect(JSON.stringify({ ...(errors[0] as object) })).not.toMatch(/crash|trap/i);
  });

  test.each<[string, WasmHooksOptions, string]>([
    ['a plugin that is not loaded', { before: 'nobody' }, 'ERR_NOT_LOADED'],
    ['a hook that is not there', { before: { plugin: 'yes', hook: 'around' } }, 'ERR_NO_HOOK'],
    ['a plugin of an answer that is not loaded', { after: 'nobody' }, 'ERR_NOT_LOADED'],
    ['an input of the server’s own that JSON cannot hold', { before: [big, 'yes'] }, 'ERR_CONTEXT'],
  ])('%s is an ordinary error of the server', async (__, options, code) => {
    const { url, errors } = await serve(express, hooks(options), answerBody);

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toEqual([expect.any(HookcellError)]);
    expect(errors).toMatchObject([{ code, message: 'Internal Server Error', cause: { code } }]);
  });

  test.each(
    ['production', 'development'].flatMap((env) => [
      [env, '/srv/secret.wasm', 500],
      [env, 'no', 422],
      [env, 'crash', 500],
    ]),
  )(
    'in %s, Express’s own response to a request that hooks ended shows nothing of the server: %s',
    async (env, before, status) => {
      const log = jest.spyOn(console, 'error').mockImplementation();
      const app = express().set('env', env);
      app.use(hooks({ before: String(before) }));
      const server = createServer(app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

        expect(answer.status).toBe(status);
        expect(await answer.text()).not.toMatch(/srv|secret|crash|hookcell|node_modules|\.[jt]s\b/);
      } finally {
        await new Promise((resolve) => server.close(resolve));
        log.mockRestore();
      }
    },
  );

  test('a body that JSON cannot hold, made by the server’s own parser, is an error of the server', async () => {
    const parse: RequestHandler = (request, _response, next) => {
      request.body = { count: 1n };
      next();
    };
    const { url, errors } = await serve(express, parse, hooks({ before: 'yes' }), answerBody);

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toHaveLength(1);
  });

  test('a response that JSON cannot hold is an error of the server', async () => {
    const { url, errors } = await serve(express, hooks({ after: 'yes' }), (_request, response) => {
      response.json({ count: 1n });
    });

    expect((await post(url, {})).status).toBe(500);
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT' }]);
  });

  test('check() lists the plugins and hooks that are missing, before the server listens', async () => {
    const missing = hooks({
      before: ['yes', 'nobody', { plugin: () => 'anybody' }],
      after: { plugin: 'yes', hook: 'x' },
    });

    await expect(missing.check()).rejects.toMatchObject({
      code: 'ERR_NOT_LOADED',
      message: expect.stringMatching(
        /\n- wasmHooks: before\[1\] calls "nobody", [^]*\n- wasmHooks: after calls "x" of "yes"/,
      ),
    });
    await expect(hooks({ after: { plugin: 'yes', hook: 'x' } }).check()).rejects.toMatchObject({ code: 'ERR_NO_HOOK' });
    await hooks({ before: 'yes' }).check();
    await hooks({ before: 'nobody', lateLoading: true }).check();
    await expect(async () => hooks({ before: 'yes', lateLoading: 'x' as never })).rejects.toThrow(
      /lateLoading must be/,
    );
  });

  test('a closed runtime responds 503', async () => {
    const closed = new WasmRuntime({ logger: false });
    await closed.close();
    const { url, errors } = await serve(express, wasmHooks(closed, { before: 'yes' }), answerBody);

    expect((await post(url, {})).status).toBe(503);
    expect(errors).toMatchObject([{ failure: { kind: 'refused', error: { code: 'ERR_CLOSED' } } }]);
  });

  test('what a native hook throws goes to the error handler as it is', async () => {
    const error = new Error('the database is gone');
    const fail = () => Promise.reject(error);
    const { url, errors } = await serve(express, hooks({ before: fail }), answerBody);

    await post(url, {});
    expect(errors).toEqual([error]);
  });

  test('the option problem may make an error of any failure', async () => {
    const error = Object.assign(new Error('mine'), { status: 418 });
    const problem = jest.fn(() => error);
    const { url, errors } = await serve(express, hooks({ before: 'nobody', problem }), answerBody);

    expect((await post(url, {})).status).toBe(418);
    expect(errors).toEqual([error]);
    expect(problem).toHaveBeenCalledWith(
      { kind: 'refused', stage: 'before', error: expect.any(HookcellError), ofClient: true },
      expect.objectContaining({ method: 'POST' }),
    );
  });

  test('a wrong result of the option problem is an error of the server', async () => {
    const problem = () => ({ status: 200 });
    const { url, errors } = await serve(express, hooks({ before: 'no', problem }), answerBody);

    expect((await post(url, {})).status).toBe(500);
    expect(errors).toMatchObject([{ message: expect.stringMatching(/^problem must return an object with a status/) }]);
  });

  test('without an error handler of the application the status is kept, and a fault is not described', async () => {
    const app = express().set('env', 'test');
    app.use('/no', hooks({ before: 'no' }));
    app.use('/crash', hooks({ before: 'crash' }));
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await fetch(`${url}/no`)).status).toBe(422);
      const fault = await fetch(`${url}/crash`);
      expect(fault.status).toBe(500);
      expect(await fault.text()).not.toMatch(/trap|unreachable/i);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('problemHandler leaves other errors, and responses that have begun, to the next handler', async () => {
    const caught: unknown[] = [];
    const keep: ErrorRequestHandler = (error, _request, response, _next) => {
      caught.push(error);
      response.end();
    };
    const { url } = await serveApp(express, (app) => {
      app.use('/own', () => {
        throw new Error('own');
      });
      app.use('/begun', (_request, response, next) => {
        response.write('begun');
        next();
      });
      app.use('/begun', hooks({ before: 'no' }));
      app.use(problemHandler());
      app.use(keep);
    });

    await (await fetch(`${url}own`)).text();
    expect(await (await fetch(`${url}begun`)).text()).toBe('begun');
    expect(caught).toMatchObject([{ message: 'own' }, { name: 'HookProblem' }]);
  });
});

function big() {
  return { input: { count: 1n } as object as JsonObject };
}
