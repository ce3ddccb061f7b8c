import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';

import { fixture } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { expectValid, hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();

test.each(['crash', 'endless_hook', 'result_outside', 'not_json', 'grows', 'endless_recursion'])(
  'test and replay reproduce the recorded fault of %s byte for byte',
  async (name) => {
    const dir = folder.at(`recorded ${name}`);
    const runtime = new WasmRuntime({ logger: false, maxMemoryPages: 20, record: { dir } });
    const module = await fixture(name);
    await runtime.loadPluginBytes('plugin', module, { isolate: false, timeoutMs: 60_000 });
    const context = { input: { name: 'Zoë \u2028 "1"', list: [1.5, null] }, user: { id: 'u', role: 'r' } };
    const result = await runtime.callHook('plugin', 'before_hook', context, { maxFuel: 40_000 });
    await runtime.close();

    const [file = '', ...others] = readdirSync(dir);
    expect(others).toEqual([]);
    expectValid(JSON.parse(readFileSync(path.join(dir, file), 'utf8')), 'fixture');
    const plugin = folder.write(`${name}.wasm`, module);
    const tested = await hookcell(['test', dir, '--plugin', plugin, '--json']);
    expect(tested.code).toBe(0);
    const [run] = jsonOf(tested, 'test').tests;
    expect(run).toMatchObject({ passed: true });
    expect(run.outcome).toEqual({ ok: false, fault: result.fault });
    expect(JSON.stringify(run.outcome.fault)).toBe(JSON.stringify(result.fault));
    const replayed = await hookcell(['replay', dir, '--plugin', plugin]);
    expect(replayed.code).toBe(3);
    expect(replayed.stdout).toContain('the same as recorded');
  },
);
