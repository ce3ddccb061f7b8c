// `plugins()`: the plugins that are loaded, as their loads described them.

import { WasmRuntime } from 'hookcell';

import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

const context = { input: {} };

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe('the list of plugins', () => {
  test('has each plugin with the description from its load', async () => {
    const infos = [
      await runtime.loadPluginBytes('a', await fixture('pass_through')),
      await runtime.loadPluginBytes('b', await fixture('modifier')),
    ];

    expect(runtime.plugins()).toEqual(infos);
  });

  test('loses a plugin when it is unloaded', async () => {
    await runtime.loadPluginBytes('a', await fixture('pass_through'));

    expect(runtime.unloadPlugin('a')).toBe(true);
    expect(runtime.unloadPlugin('a')).toBe(false);
    expect(runtime.plugins()).toEqual([]);
    await refusal(runtime.callHook('a', 'before_hook', context), 'ERR_NOT_LOADED');
  });

  test('belongs to one runtime alone', async () => {
    await using other = new WasmRuntime();
    await runtime.loadPluginBytes('a', await fixture('pass_through'));

    expect(other.plugins()).toEqual([]);
    expect(other.isLoaded('a')).toBe(false);
  });

  test('has the same frozen object for a plugin while it stays loaded', async () => {
    const info = await runtime.loadPluginBytes('one', await fixture('pass_through'));
    await runtime.loadPluginBytes('another', await fixture('pass_through'));
    const [another, one] = runtime.plugins();

    expect(one).toBe(info);
    expect(runtime.plugins()).toEqual([another, info]);
    expect(runtime.plugins()[0]).toBe(another);
    expect('number' in info).toBe(false);
    expect([info, info.hooks, info.memory].every((part) => Object.isFrozen(part))).toBe(true);

    const replacement = await runtime.loadPluginBytes('one', await fixture('plugin_error'));
    expect(replacement).not.toBe(info);
    expect(runtime.plugins()[1]).toBe(replacement);
    runtime.unloadPlugin('another');
    expect(runtime.plugins()).toEqual([replacement]);
  });

  test('does not remember unloaded plugins without a bound', async () => {
    const bytes = await fixture('pass_through');
    for (let count = 0; count < 200; count += 1) {
      await runtime.loadPluginBytes(`upload ${count}`, bytes);
      runtime.unloadPlugin(`upload ${count}`);
    }

    expect(runtime.plugins()).toEqual([]);
  });
});
