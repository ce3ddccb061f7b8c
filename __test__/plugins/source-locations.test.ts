// `sourceLocations`: backtraces with files and lines, for plugins that have debug information.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { LoadOptions, SandboxConfig } from 'hookcell';

const trapsInLines = () => readFile(path.join(__dirname, '../../fixtures/dwarf/traps_in_lines.wasm'));

async function backtraceOf(config: SandboxConfig, options?: LoadOptions): Promise<readonly string[]> {
  await using runtime = new WasmRuntime({ logger: false, ...config });
  await runtime.loadPluginBytes('traps', await trapsInLines(), options);
  const result = await runtime.callHook('traps', 'before_hook', { input: {} });
  return (!result.ok && result.fault?.backtrace) || [];
}

test.each<[string, SandboxConfig, LoadOptions | undefined]>([
  ['by default', {}, undefined],
  ['where the load says so', { sourceLocations: false }, { sourceLocations: true }],
])('%s, a backtrace names the file, the line, and a call that was inlined', async (_, config, options) => {
  expect(await backtraceOf(config, options)).toEqual([
    expect.stringMatching(/^first_of \(.*traps_in_lines\.c:11:/),
    expect.stringMatching(/^check \(.*traps_in_lines\.c:16:/),
    expect.stringMatching(/^before_hook \(.*traps_in_lines\.c:20:/),
  ]);
});

test.each<[string, SandboxConfig, LoadOptions | undefined]>([
  ['runtime', { sourceLocations: false }, undefined],
  ['load', {}, { sourceLocations: false }],
])('where the %s says no, a backtrace has names and offsets', async (_, config, options) => {
  expect(await backtraceOf(config, options)).toEqual([
    expect.stringMatching(/^check \(wasm offset 0x/),
    expect.stringMatching(/^before_hook \(wasm offset 0x/),
  ]);
});

test('another value is a TypeError that names the option', async () => {
  const wrong = { sourceLocations: 1 } as unknown as LoadOptions;
  expect(() => new WasmRuntime(wrong)).toThrow(new TypeError('sourceLocations must be true or false, got a number'));
  await using runtime = new WasmRuntime({ logger: false });
  await expect(runtime.loadPluginBytes('traps', await trapsInLines(), wrong)).rejects.toThrow(
    'sourceLocations must be',
  );
});
