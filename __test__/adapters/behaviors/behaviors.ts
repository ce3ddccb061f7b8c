// What every adapter does, in any framework, over real HTTP: one table (rows.ts), and tests with more than one request. The
// tests of an adapter bring a driver.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig, WholeContext } from 'hookcell';
import { hookStats } from 'hookcell/express';
import type { NativeHook } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { passTime, soon, until } from '../../support/clock';
import { postJson, postText, startPipeline, startPost } from '../../support/http';
import type { AnyRequest, Driver, Options, Route } from './driver';
import { loadPlugins } from './plugins';
import { created, echo, rows } from './rows';
import type { Row } from './rows';

/** Resolves when the connection of a request closes, in any framework. */
function closed(request: AnyRequest & { socket?: Socket }): Promise<void> {
  return new Promise((resolve) => request.socket?.once('close', () => resolve()));
}

/**
 * Runs the table against an adapter.
 *
 * @param own - what a framework itself does in another way, by the title of the row
 */
export function describeBehaviors(name: string, driver: Driver, own: Record<string, Partial<Row>> = {}): void {
  const rowsHere = rows.map((row) => [row.title, { ...row, ...own[row.title] }] as const);

  describe(`on ${name},`, () => {
    let runtime: WasmRuntime;
    const closing: (() => Promise<void>)[] = [];

    // Keeps the plugins' code loaded, so that it is not compiled for each test.
    const keeper = new WasmRuntime({ logger: false });
    beforeAll(() => loadPlugins(keeper));
    afterAll(() => keeper.close());

    afterEach(async () => {
      await Promise.all(closing.splice(0).map((close) => close()));
      await runtime.close({ interrupt: true });
    });

    async function start(config: SandboxConfig = {}): Promise<void> {
      runtime = new WasmRuntime({ logger: false, ...config });
      await loadPlugins(runtime);
    }

    async function serve(hooks: Options, handle: Route['handle'] = echo): Promise<string> {
      const { url, close } = await driver({ runtime, hooks: { logger: false, ...hooks }, handle });
      closing.push(close);
      return url;
    }

    /** Takes the only slot of the runtime until it is closed. */
    async function takeSlot(): Promise<void> {
      void runtime
        .callHook('loop', 'before_hook', { input: {} }, { timeoutMs: 60_000, queueTimeoutMs: 60_000 })
        .catch(() => undefined);
      await soon();
    }

    test.each(rowsHere)('%s', async (_, row) => {
      await start();
      const { before, after } = row;
      const url = await serve({ ...(before && { before }), ...(after && { after }), ...row.options }, row.handle);

      const answer = await postText(url, row.sentText ?? JSON.stringify(row.sent ?? {}), row.headers);

      expect(answer.status).toBe(row.status);
      expect(answer.body).toEqual(row.body);
      if (row.type !== undefined) {
        expect(answer.headers.get('content-type')).toMatch(row.type);
      }
    });

    test('the handler does not run if a hook before it ends the request', async () => {
      await start();
      const handle = jest.fn(echo);
      const url = await serve({ before: ['no', 'crash'] }, handle);

      await postJson(url, {});

      expect(handle).not.toHaveBeenCalled();
    });

    test('a failure tells the client nothing about the server', async () => {
      await start();
      const url = await serve({ before: 'crash' });

      const { text } = await postJson(url, {});

      expect(text).not.toMatch(/crash|trap|unreachable|wasm|hook|at /i);
    });

    test('a full queue responds 503 with the time to retry, and is not a fault of the plugin', async () => {
      await start({ concurrency: 1, maxQueue: 0 });
      const url = await serve({ before: 'yes', circuitBreaker: { faults: 1 } });
      await takeSlot();

      for (const answer of [await postJson(url, {}), await postJson(url, {})]) {
        expect(answer).toMatchObject({ status: 503, body: { status: 503 } });
        expect(answer.headers.get('retry-after')).toBe('1');
      }
      expect(hookStats(runtime)).toMatchObject({ circuitsOpened: 0, refusedByCircuit: 0 });
    });

    test('a wait longer than queueTimeoutMs responds 503', async () => {
      await start({ concurrency: 1, queueTimeoutMs: 5 });
      const url = await serve({ before: 'yes' });
      await takeSlot();

      expect(await postJson(url, {})).toMatchObject({ status: 503, body: { status: 503 } });
    });

    test('a tenant beyond its share of the queue gets 429', async () => {
      await start({ concurrency: 1, maxQueuePerTenant: 0 });
      const url = await serve({ before: 'yes', tenantId: 'a' });
      await takeSlot();

      expect(await postJson(url, {})).toMatchObject({ status: 429, body: { status: 429 } });
    });

    test('a full queue after the handler asks no client to retry', async () => {
      await start({ concurrency: 1, maxQueue: 0 });
      const url = await serve({ after: 'yes' }, created);
      await takeSlot();

      const answer = await postJson(url, {});

      expect(answer.status).toBe(500);
      expect(answer.headers.get('retry-after')).toBeNull();
      expect(answer.text).not.toMatch(/queue/i);
    });

    test('two hundred clients that disconnect free their slots, and a client that stays is served', async () => {
      await start({ concurrency: 1 });
      const warn = jest.fn();
      const url = await serve({
        before: { plugin: ({ headers }) => headers['x-plugin'], timeoutMs: 60_000 },
        headers: ['x-plugin'],
        circuitBreaker: { faults: 1 },
        logger: { warn },
      });
      const leaving = Array.from({ length: 200 }, () => startPost(url, { 'x-plugin': 'loop' }));
      await until(() => runtime.running + runtime.waiting === 200);

      leaving.forEach((client) => client.destroy());
      const answer = await postJson(url, { a: 1 }, { 'x-plugin': 'yes' });

      expect(answer).toMatchObject({ status: 200, body: { got: { a: 1 } } });
      await until(() => hookStats(runtime).clientsLeft === 200);
      expect(runtime).toMatchObject({ running: 0, waiting: 0 });
      expect(hookStats(runtime)).toMatchObject({ circuitsOpened: 0, openCircuits: [] });
      expect(warn).not.toHaveBeenCalled();
    });

    test('a client with many pipelined requests frees all their slots when it disconnects', async () => {
      await start({ concurrency: 1 });
      const warn = jest.spyOn(process, 'emitWarning');
      const url = await serve({
        before: { plugin: 'loop', timeoutMs: 60_000 },
        circuitBreaker: false,
        logger: false,
      });
      const socket = startPipeline(url, 20, {});
      await until(() => runtime.running + runtime.waiting === 20);

      socket.destroy();

      await until(() => hookStats(runtime).clientsLeft === 20);
      await until(() => runtime.running + runtime.waiting === 0);
      expect(warn).not.toHaveBeenCalled();
    });

    test('when a client disconnects, neither the next hooks nor the handler run', async () => {
      await start();
      const behind = jest.fn();
      const handle = jest.fn(echo);
      const leave = async (session: { closed: Promise<void> }) => {
        client.destroy();
        await session.closed;
        await soon();
      };
      const url = await serve(
        {
          before: [({ session }) => leave(session), behind],
          session: (request) => ({ closed: closed(request) }),
        },
        handle,
      );
      const client = startPost(url, {});

      await until(() => hookStats(runtime).clientsLeft === 1);

      expect(behind).not.toHaveBeenCalled();
      expect(handle).not.toHaveBeenCalled();
    });

    test('a client that disconnects while the hooks after the handler run does not stop them', async () => {
      await start();
      let ended = false;
      const leave = async (session: { closed: Promise<void> }) => {
        client.destroy();
        await session.closed;
      };
      const url = await serve({
        after: [({ session }) => leave(session), 'yes', () => void (ended = true)],
        session: (request) => ({ closed: closed(request) }),
      });
      const client = startPost(url, {});

      await until(() => ended);
      expect(hookStats(runtime).clientsLeft).toBe(0);
    });

    test('a circuit opens, skips calls, tries the plugin, and closes', async () => {
      await start();
      const states: unknown[] = [];
      const keep = (message: unknown) => states.push(message);
      subscribe('hookcell:circuit', keep);
      const lines: string[] = [];
      const logger = { warn: (line: string) => lines.push(line) };
      const now = passTime();
      try {
        const url = await serve({ before: 'crash', logger, circuitBreaker: { faults: 2, openMs: 1_500 } });
        expect((await postJson(url, {})).status).toBe(500);
        expect((await postJson(url, {})).status).toBe(500);

        const held = await postJson(url, {});
        expect(held).toMatchObject({ status: 503, body: { status: 503 } });
        expect(held.headers.get('retry-after')).toBe('2');
        expect(hookStats(runtime)).toMatchObject({ circuitsOpened: 1, refusedByCircuit: 1, openCircuits: ['crash'] });

        now.later(1_501);
        expect((await postJson(url, {})).status).toBe(500);
        expect((await postJson(url, {})).status).toBe(503);

        now.later(1_501);
        await runtime.loadPluginBytes('crash', pluginAnswering({ ok: true }));
        expect((await postJson(url, {})).status).toBe(200);
        expect((await postJson(url, {})).status).toBe(200);
      } finally {
        now.restore();
        unsubscribe('hookcell:circuit', keep);
      }

      expect(states).toEqual(['open', 'half-open', 'half-open', 'closed'].map((state) => ({ plugin: 'crash', state })));
      expect(lines).toEqual([
        expect.stringMatching(/^hookcell: crash failed 2 times or more, and is not called for 1500 ms/),
        expect.stringMatching(/^hookcell: crash works again .*; 2 calls were not made$/),
      ]);
      expect(hookStats(runtime).openCircuits).toEqual([]);
    });

    test('requests continue without a plugin whose circuit is open, and that is counted and published', async () => {
      await start();
      const passes: unknown[] = [];
      const keep = (message: unknown) => passes.push(message);
      subscribe('hookcell:pass', keep);
      const lines: string[] = [];
      try {
        const url = await serve({
          before: ['email', { plugin: 'crash', onFault: 'open' }],
          tenantId: 'acme',
          circuitBreaker: { faults: 1 },
          logger: { warn: (line) => lines.push(line) },
        });
        for (const answer of [await postJson(url, {}), await postJson(url, {})]) {
          expect(answer).toMatchObject({ status: 200, body: { got: { email: 'ada@example.com' } } });
        }
      } finally {
        unsubscribe('hookcell:pass', keep);
      }

      expect(passes).toMatchObject([
        { failure: { kind: 'faulted', plugin: 'crash', fault: { code: 'ERR_TRAP' } }, tenantId: 'acme' },
        { failure: { kind: 'circuit-open', plugin: 'crash' }, tenantId: 'acme' },
      ]);
      expect(lines).toContain('hookcell: crash before_hook failed, and the request continues without it');
      expect(hookStats(runtime)).toMatchObject({ passedFaults: 1, passedOpenCircuits: 1, refusedByCircuit: 0 });
    });

    test('two hundred concurrent requests of two tenants with different plugins do not mix', async () => {
      await start();
      const keepId: NativeHook<any, any, any> = ({ input, session }) => void (session.id = input.id);
      const tellId: NativeHook<any, any, any> = ({ data, session }) => ({ data: { ...data, session: session.id } });
      const url = await serve(
        {
          before: [keepId, soon, { plugin: ({ tenant_id }) => `before-${tenant_id}` }],
          after: ['report', ({ data }) => ({ data: { told: data } }), soon, tellId],
          tenantId: ({ headers }) => String(headers['x-tenant']),
          user: async ({ headers }) => ({ id: String(headers['x-user']), role: 'client' }),
        },
        (input) => ({ json: { handled: input } }),
      );

      const answers = await Promise.all(
        Array.from({ length: 200 }, (__, id) => {
          const headers = { 'x-tenant': id % 2 === 0 ? 'a' : 'b', 'x-user': `user-${id}` };
          return postJson(url, { id, email: `${id}@Example.com` }, headers);
        }),
      );

      for (const [id, { status, body }] of answers.entries()) {
        const told = body.told as WholeContext<any, any>;
        const input = id % 2 === 0 ? { id, email: `${id}@example.com` } : { seen: expect.anything() };
        expect(status).toBe(200);
        expect(body.session).toBe(id);
        expect(told).toMatchObject({
          input,
          data: { handled: input },
          user: { id: `user-${id}`, role: 'client' },
          tenant_id: id % 2 === 0 ? 'a' : 'b',
        });
        if (id % 2 === 1) {
          expect(told.input.seen).toMatchObject({ input: { id, email: `${id}@Example.com` }, tenant_id: 'b' });
        }
      }
    });
  });
}
