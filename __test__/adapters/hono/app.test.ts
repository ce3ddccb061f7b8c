// What only Hono does, without a connection: requests and responses of the web's kind.

import { Hono } from 'hono';
import type { Context } from 'hono';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { WasmRuntime } from 'hookcell';
import { failureOf, HookException, HookProblem, hookStats, wasmHooks } from 'hookcell/hono';
import { z } from 'zod';

import { until } from '../../support/clock';
import { loadPlugins } from '../behaviors/plugins';

const runtime = new WasmRuntime({ logger: false });

beforeAll(() => loadPlugins(runtime));
afterAll(() => runtime.close({ interrupt: true }));

function post(app: Hono<any>, body: unknown, init: RequestInit = {}): Response | Promise<Response> {
  const headers = { 'content-type': 'application/json', 'content-length': '9' };
  return app.request('/', { method: 'POST', headers, body: JSON.stringify(body), ...init });
}

/** An application with hooks before a handler. */
function hooked(before: string, handler: (c: Context) => Response | Promise<Response> = (c) => c.json({})) {
  return new Hono().post('/', wasmHooks(runtime, { before }), handler);
}

test('the input that hooks left is in c.var, in c.req.valid and in the body, with the type of the schema', async () => {
  const schema = { input: z.object({ email: z.string().transform((text) => text.length) }) };
  const app = new Hono().post('/', wasmHooks(runtime, { before: 'email', schema }), async (c) => {
    const length: number = c.var.input.email;
    const valid: number = c.req.valid('json').email;
    return c.json([length, valid, await c.req.json(), await c.req.text()]);
  });

  const answer = await post(app, { email: 'Ada' });

  expect(await answer.json()).toEqual([15, 15, { email: 15 }, '{"email":15}']);
});

test('an exception of hooks is an HTTPException, for an error handler of the application', async () => {
  const caught: unknown[] = [];
  const app = hooked('no-409').onError((error, c) => {
    caught.push(error);
    return c.json({ own: error.message }, error instanceof HTTPException ? error.status : 500);
  });

  const answer = await post(app, {});

  expect(answer.status).toBe(409);
  expect(await answer.json()).toEqual({ own: 'taken' });
  expect(caught).toEqual([expect.any(HookException)]);
  expect((caught[0] as HookException).failure).toMatchObject({ kind: 'rejected', plugin: 'no-409' });
  expect((caught[0] as Error).cause).toBeInstanceOf(HookProblem);
  expect(failureOf((caught[0] as Error).cause)?.kind).toBe('rejected');
  expect((caught[0] as Error).stack).toBe('HookException: taken');
});

test('a body that is not JSON text gets 400, as from Hono’s own validator', async () => {
  const answer = await post(hooked('yes'), {}, { body: '{"a":' });

  expect(answer.status).toBe(400);
  expect(await answer.text()).toBe('Malformed JSON in request body');
});

test('a form is refused with 415, unless the option input reads it', async () => {
  const refusing = wasmHooks(runtime, { before: 'yes', logger: false });
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '3' }, body: 'a=1' };
  const reading = wasmHooks(runtime, { before: 'report', input: (c) => c.req.parseBody() });
  const app = new Hono().post('/', reading, (c) => c.json(c.var.input.seen.input));

  expect((await post(new Hono().post('/', refusing), {}, form)).status).toBe(415);
  expect(await (await post(app, {}, form)).json()).toEqual({ a: '1' });
});

test('a request without a body is an empty input', async () => {
  const app = hooked('report', (c) => c.json(c.var.input.seen.input));

  expect(await (await app.request('/', { method: 'POST' })).json()).toEqual({});
});

test.each<[string, (c: Context) => Response]>([
  ['text', (c) => c.text('"as it is"')],
  ['a page', (c) => c.html('"as it is"')],
  ['a stream', (c) => c.body(new Blob(['"as it is"']).stream())],
])('hooks after the handler do not see %s', async (_, handler) => {
  const app = new Hono().post('/', wasmHooks(runtime, { after: 'crash' }), handler);

  expect(await (await post(app, {})).text()).toBe('"as it is"');
});

test('a response that hooks changed keeps its status and headers, without those of the handler’s text', async () => {
  const app = new Hono().post('/', wasmHooks(runtime, { after: 'enrich' }), (c) =>
    c.json({ id: 7 }, 202, { 'content-length': '8', etag: '"7"', 'x-own': '1', 'set-cookie': 'a=1' }),
  );

  const answer = await post(app, {});

  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ rich: true });
  expect(Object.fromEntries(answer.headers)).toEqual({
    'content-type': 'application/json',
    'set-cookie': 'a=1',
    'x-own': '1',
  });
});

test('the response to a failure after the handler has no header of the response that is not sent', async () => {
  const app = new Hono().post('/', wasmHooks(runtime, { after: 'no' }), (c) =>
    c.json({ id: 7 }, 200, { 'content-length': '8', etag: '"7"' }),
  );

  const answer = await post(app, {});

  expect(answer.status).toBe(422);
  expect(answer.headers.get('etag')).toBeNull();
  expect(answer.headers.get('content-length')).toBeNull();
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ error: 'not today' });
});

test('hooks behind no parser let the handler read the body as a stream, and see what it read as JSON', async () => {
  const after = wasmHooks(runtime, { after: 'report' });
  const streaming = new Hono().post('/', after, async (c) =>
    c.json({ raw: await new Response(c.req.raw.body).text() }),
  );
  const reading = new Hono().post('/', after, async (c) => c.json({ read: await c.req.json() }));

  expect(await (await post(streaming, { a: 1 })).json()).toMatchObject({ input: {}, data: { raw: '{"a":1}' } });
  expect(await (await post(reading, { a: 1 })).json()).toMatchObject({ input: { a: 1 }, data: { read: { a: 1 } } });
});

test('a response that is compressed already is refused, and not sent past the hooks', async () => {
  const app = new Hono()
    .post('/', wasmHooks(runtime, { after: 'yes', logger: false }), compress({ threshold: 1 }), (c) =>
      c.json({ id: 7 }),
    )
    .onError((error, c) => c.text(String((error.cause as Error).message), 500));

  const answer = await post(app, {}, { headers: { 'accept-encoding': 'gzip', 'content-type': 'application/json' } });

  expect(answer.status).toBe(500);
  expect(await answer.text()).toMatch(/encoded as gzip already/);
});

test('hooks that see responses with an error status do not see what other hooks ended', async () => {
  const seen = jest.fn();
  const app = new Hono()
    .use(wasmHooks(runtime, { after: ({ data }) => seen(data), afterErrors: true }))
    .post('/', wasmHooks(runtime, { before: 'no' }), (c) => c.json({}))
    .get('/', (c) => c.json({ error: 'nowhere' }, 404));

  expect((await post(app, {})).status).toBe(422);
  expect((await app.request('/')).status).toBe(404);

  expect(seen.mock.calls).toEqual([[{ error: 'nowhere' }]]);
});

test('without Node’s response, the signal of the request tells that the client disconnects', async () => {
  const controller = new AbortController();
  const left = hookStats(runtime).clientsLeft;
  const handler = jest.fn();
  const app = new Hono().post('/', wasmHooks(runtime, { before: { plugin: 'loop', timeoutMs: 60_000 } }), handler);
  const answer = post(app, {}, { signal: controller.signal });
  await until(() => runtime.running === 1);

  controller.abort();

  expect((await answer).status).toBe(499);
  expect(hookStats(runtime).clientsLeft).toBe(left + 1);
  expect(handler).not.toHaveBeenCalled();
  await until(() => runtime.running === 0);
});

test('check tells what is missing', async () => {
  await expect(wasmHooks(runtime, { before: 'nowhere' }).check()).rejects.toThrow(/"nowhere", which is not loaded/);
});
