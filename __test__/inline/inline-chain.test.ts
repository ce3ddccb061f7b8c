// A chain runs inline as a whole, or not at all.

import { setImmediate as nextTurn } from 'node:timers/promises';

import type { CallOptions, ChainedPlugin, WasmRuntime } from 'hookcell';

import { context, makeRuntime } from './runtime';

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = await makeRuntime();
});

afterEach(() => runtime.close({ interrupt: true }));

describe('a chain', () => {
  const chain = async (plugins: readonly ChainedPlugin[], options?: CallOptions) => {
    await nextTurn();
    return await runtime.callChain(plugins, 'before_hook', context, options);
  };

  test('runs inline as a whole, with the same result', async () => {
    const plugins = ['modifier', 'pass_through', 'modifier'];
    const there = await chain(plugins, { inlineFuel: 0 });
    const here = await chain(plugins);

    expect(here.usage.where).toBe('inline');
    expect(here.steps.map(({ usage }) => usage.where)).toEqual(['inline', 'inline', 'inline']);
    expect(there.steps.map(({ usage }) => usage.where)).toEqual(['pool', 'pool', 'pool']);
    expect(here.ctx).toEqual(there.ctx);
    expect(here.steps.map(({ usage }) => usage.fuel)).toEqual(there.steps.map(({ usage }) => usage.fuel));
  });

  test('shares the smallest inlineFuel of its plugins', async () => {
    const plugins = ['spends_fuel', 'spends_fuel'];
    const { fuel } = (await chain(plugins, { inlineFuel: 0 })).usage;

    expect((await chain(plugins, { inlineFuel: fuel! })).usage).toMatchObject({ where: 'inline', fuel });
    expect((await chain(plugins, { inlineFuel: fuel! - 1 })).usage).toMatchObject({ where: 'pool', fuel });
    expect((await chain(['modifier', { plugin: 'modifier', inlineFuel: 0 }])).usage.where).toBe('pool');
  });

  test('ends inline with the fault of a plugin', async () => {
    const result = await chain(['modifier', 'crash', 'modifier']);

    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_TRAP' }, usage: { where: 'inline' } });
    expect(result.ctx.input).toEqual({ ...context.input, seen: true });
    expect(result.steps).toHaveLength(2);
  });

  test('without plugins has run nowhere else', async () => {
    expect((await chain([])).usage.where).toBe('inline');
  });
});
