// `callChain`: several plugins on one context, in one slot.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { WasmRuntime } from 'hookcell';
import type { CallOptions, ChainedPlugin, ChainResult, HookContext, JsonObject } from 'hookcell';

import { NativeRuntime } from '../../native';
import { refusal } from '../support/refusal';
import { answering, fixture } from '../support/wat';

const endlessFuel = { maxFuel: Number.MAX_SAFE_INTEGER };
const fixtures = ['changes_data', 'crash', 'endless_hook', 'impostor', 'modifier', 'pass_through', 'plugin_error'];

let context: HookContext;
let warnings: string[];
let runtime: WasmRuntime;

beforeEach(async () => {
  context = {
    input: { email: 'ada@example.com' },
    user: { id: '7', role: 'editor' },
    headers: { accept: '*/*' },
    tenant_id: 'acme',
  };
  warnings = [];
  runtime = new WasmRuntime({ timeoutMs: 60_000, concurrency: 1, logger: { warn: (line) => warnings.push(line) } });
  for (const name of [...fixtures, 'counter', 'report_context']) {
    await runtime.loadPluginBytes(name, await fixture(name));
  }
});

afterEach(() => runtime.close({ interrupt: true }));

const chain = (plugins: readonly ChainedPlugin[], options?: CallOptions): Promise<ChainResult> =>
  runtime.callChain<JsonObject>(plugins, 'before_hook', context, options);

const stepsOf = ({ steps }: ChainResult) => steps.map((step) => [step.plugin, step.ok]);

describe('a chain', () => {
  test('passes the input and the data of each plugin to the next', async () => {
    const result = await chain(['modifier', 'changes_data', 'report_context']);

    const seen = { ...context, input: { email: 'ada@example.com', seen: true }, data: [1, 'two', null] };
    expect(result).toEqual({
      ok: true,
      ctx: { ...context, input: { seen }, data: [1, 'two', null] },
      steps: ['modifier', 'changes_data', 'report_context'].map((name) => ({
        plugin: name,
        ok: true,
        usage: expect.anything(),
      })),
      usage: expect.anything(),
    });
  });

  test("returns the caller's own objects if no plugin changes them", async () => {
    const { ctx } = await chain(['pass_through', 'changes_data', 'pass_through']);

    expect(ctx.input).toBe(context.input);
    expect(ctx.user).toBe(context.user);
    expect(ctx.headers).toBe(context.headers);
    expect(context.data).toBeUndefined();
  });

  test('lets no plugin change the caller, neither for the next plugin nor for the server', async () => {
    const { ctx } = await chain(['pass_through', 'impostor', 'report_context']);

    expect(ctx).toEqual({ ...context, data: null, input: { seen: { ...context, data: null, input: { a: 1 } } } });
  });

  test('ends at the first plugin that rejects, with the context as the plugins before it left it', async () => {
    const result = await chain(['modifier', 'plugin_error', 'changes_data']);

    expect(result).toMatchObject({
      ok: false,
      error: 'the e-mail address is not valid',
      details: [{ field: 'email' }],
      ctx: { input: { seen: true }, data: null, tenant_id: 'acme' },
    });
    expect(result.fault).toBeUndefined();
    expect(stepsOf(result)).toEqual([
      ['modifier', true],
      ['plugin_error', false],
    ]);
    expect(warnings).toEqual([]);
  });

  test('ends at the first plugin that faults, which is logged and published by its name', async () => {
    const messages: unknown[] = [];
    const listener = (message: unknown) => messages.push(message);
    subscribe('hookcell:fault', listener);
    const result = await chain(['modifier', 'crash', 'changes_data']).finally(() =>
      unsubscribe('hookcell:fault', listener),
    );

    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'ERR_TRAP' },
      ctx: { input: { seen: true }, data: null },
    });
    expect(result.error).toBe(`WASM plugin trapped: ${result.fault?.message}`);
    expect(warnings).toEqual([
      expect.stringContaining(`hookcell: crash before_hook failed: ERR_TRAP ${result.fault?.message}`),
    ]);
    const { fault, steps } = result;
    expect(messages).toEqual([{ plugin: 'crash', hook: 'before_hook', fault, usage: steps[1]?.usage }]);
  });

  test('calls each plugin in a fresh cell', async () => {
    const { ctx } = await chain(Array.from({ length: 20 }, () => 'counter'));

    expect(ctx.data).toEqual([1, 1]);
  });

  test('adds up what its steps used', async () => {
    const { usage, steps } = await chain(['modifier', 'pass_through', 'report_context']);
    const sum = (name: 'fuel' | 'runMs') => steps.reduce((total, step) => total + (step.usage[name] ?? Number.NaN), 0);

    expect(usage.fuel).toBe(sum('fuel'));
    expect(usage.runMs).toBeCloseTo(sum('runMs'));
    expect(usage.memoryBytes).toBe(65_536);
    expect(usage.queueMs).toBeGreaterThan(0);
    expect(steps.map((step) => step.usage.queueMs)).toEqual([0, 0, 0]);
    expect((await chain(['modifier', 'crash'])).usage.fuel).toBeNull();
  });

  test('names a step as it was called, without a prefix', async () => {
    const { steps } = await chain(['wasm:modifier', { plugin: 'wasm:pass_through' }]);

    expect(steps.map((step) => step.plugin)).toEqual(['modifier', 'pass_through']);
  });

  test('calls the named hook of each plugin', async () => {
    const result = await runtime.callChain(['pass_through', 'report_context'], 'after_hook', context);

    expect(result).toMatchObject({ ok: true, ctx: { data: { input: context.input } } });
  });

  test('crosses to the addon once', async () => {
    const prepareChain = jest.spyOn(NativeRuntime.prototype, 'prepareChain');
    const prepareHook = jest.spyOn(NativeRuntime.prototype, 'prepareHook');
    try {
      await chain(['modifier', 'pass_through', 'report_context']);

      expect(prepareChain).toHaveBeenCalledTimes(1);
      expect(prepareHook).not.toHaveBeenCalled();
    } finally {
      prepareChain.mockRestore();
      prepareHook.mockRestore();
    }
  });

  test('passes its plugins to the addon once, and other plugins, limits or hooks again', async () => {
    const prepareChain = jest.spyOn(NativeRuntime.prototype, 'prepareChain');
    const names = ['pass_through', 'pass_through', 'modifier'];
    try {
      for (const [plugins, hook, prepared] of [
        [names, 'before_hook', 1],
        [[...names], 'before_hook', 1],
        [names.slice(1), 'before_hook', 2],
        [names.toReversed(), 'before_hook', 3],
        [[{ plugin: 'pass_through', maxFuel: 1 }, ...names.slice(1)], 'before_hook', 4],
        [[{ plugin: 'pass_through', maxFuel: 1 }, ...names.slice(1)], 'before_hook', 4],
        [names.slice(0, 2), 'after_hook', 5],
        [names, 'before_hook', 5],
      ] as const) {
        const { steps } = await runtime.callChain(plugins, hook, context);
        const isCut = typeof plugins[0] === 'object';

        expect(prepareChain).toHaveBeenCalledTimes(prepared);
        expect(steps.map(({ plugin }) => plugin)).toEqual(isCut ? ['pass_through'] : plugins);
        expect(steps.map(({ ok }) => ok)).toEqual(isCut ? [false] : plugins.map(() => true));
      }
    } finally {
      prepareChain.mockRestore();
    }
  });

  test('without plugins accepts, and does not wait in the queue', async () => {
    const prepareChain = jest.spyOn(NativeRuntime.prototype, 'prepareChain');
    try {
      const result = await chain([]);

      expect(result).toEqual({
        ok: true,
        ctx: { ...context, data: null },
        steps: [],
        usage: { fuel: 0, memoryBytes: 0, queueMs: 0, runMs: 0, where: 'inline' },
      });
      expect(prepareChain).not.toHaveBeenCalled();
    } finally {
      prepareChain.mockRestore();
    }
    await expect(chain([], { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});

describe('limits', () => {
  test("are the plugin's, then the call's, then the plugin's in this chain", async () => {
    await runtime.loadPluginBytes('endless_hook', await fixture('endless_hook'), { maxFuel: 3_000 });
    const fuelOf = async (chained: ChainedPlugin, options?: CallOptions) =>
      (await chain(['pass_through', chained], options)).steps[1]?.usage.fuel;

    expect(await fuelOf('endless_hook')).toBe(3_000);
    expect(await fuelOf('endless_hook', { maxFuel: 4_000 })).toBe(4_000);
    expect(await fuelOf({ plugin: 'endless_hook', maxFuel: 5_000 }, { maxFuel: 4_000 })).toBe(5_000);
    expect(await fuelOf({ plugin: 'endless_hook', timeoutMs: 1_000 }, { maxFuel: 4_000 })).toBe(4_000);
  });

  test('stop a step at its own deadline', async () => {
    const result = await chain(['modifier', { plugin: 'endless_hook', ...endlessFuel, timeoutMs: 20 }, 'changes_data']);

    expect(result).toMatchObject({ fault: { code: 'ERR_TIMEOUT' }, ctx: { input: { seen: true }, data: null } });
    expect(result.steps[1]?.usage.runMs).toBeGreaterThanOrEqual(20);
    expect(result.steps).toHaveLength(2);
  });

  test('fault a plugin whose result is too long for the next one', async () => {
    await runtime.loadPluginBytes('long', await answering(`{"ok":true,"ctx":{"data":"${'x'.repeat(3_000)}"}}`));
    await runtime.loadPluginBytes('short', await fixture('pass_through'), { maxContextBytes: 3_000 });

    const result = await chain(['modifier', 'long', 'short']);
    expect(result).toMatchObject({ fault: { code: 'ERR_RESULT' }, ctx: { input: { seen: true }, data: null } });
    expect(stepsOf(result)).toEqual([
      ['modifier', true],
      ['long', false],
    ]);
    expect(warnings).toEqual([expect.stringContaining('hookcell: long before_hook failed: ERR_RESULT')]);
    expect(await chain(['long', 'modifier'])).toMatchObject({ ok: true });
  });

  test('refuse a context that is too long for the first plugin', async () => {
    await runtime.loadPluginBytes('short', await fixture('pass_through'), { maxContextBytes: 10 });

    expect(await refusal(chain(['short']), 'ERR_LIMIT')).toMatchObject({ limit: 'maxContextBytes' });
    expect(await refusal(chain(['pass_through', 'short']), 'ERR_LIMIT')).toMatchObject({ limit: 'maxContextBytes' });
  });
});

describe('a chain in the queue', () => {
  const forever = ['modifier', { plugin: 'endless_hook', ...endlessFuel }, 'changes_data'];

  test('takes one slot, and frees it when its signal aborts in the middle', async () => {
    const controller = new AbortController();
    const running = chain(forever, { signal: controller.signal });
    const waiting = chain(['modifier']);
    await expect(chain(['modifier'], { queueTimeoutMs: 20 })).rejects.toMatchObject({ code: 'ERR_QUEUE_TIMEOUT' });

    controller.abort('enough');
    await expect(running).rejects.toBe('enough');
    expect((await waiting).usage.queueMs).toBeGreaterThan(15);
  });

  test('is interrupted by `close` with `interrupt`, and awaited without', async () => {
    const running = refusal(chain(forever), 'ERR_CLOSED');
    await runtime.close({ interrupt: true });
    await running;

    await using other = new WasmRuntime();
    await other.loadPluginBytes('modifier', await fixture('modifier'));
    const call = other.callChain(['modifier', 'modifier'], 'before_hook', context);
    await other.close();
    expect(await call).toMatchObject({ ok: true });
  });
});
