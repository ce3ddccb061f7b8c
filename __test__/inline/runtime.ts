import { setImmediate as nextTurn } from 'node:timers/promises';

import { WasmRuntime } from 'hookcell';
import type { CallOptions, PluginResult, SandboxConfig } from 'hookcell';

import { fixture } from '../support/wat';

// A call whose thread loses its core for a moment goes to the pool, as it should. On a busy machine that can happen in any test.
jest.retryTimes(5);

/** The largest `inlineFuel`. */
export const MOST = 100_000;

export const context = { input: { email: 'ada@example.com' } };

/** A context for the plugin `spends_fuel`, which takes about seven units for each byte. */
export const long = (bytes: number) => ({ input: { text: 'x'.repeat(bytes) } });

/** A runtime with a few plugins. The time of earlier inline calls counts no more. */
export async function makeRuntime(config: SandboxConfig = {}): Promise<WasmRuntime> {
  const runtime = new WasmRuntime({ logger: false, inlineFuel: 10_000, ...config });
  for (const name of ['crash', 'modifier', 'pass_through', 'spends_fuel']) {
    await runtime.loadPluginBytes(name, await fixture(name));
  }
  await nextTurn();
  return runtime;
}

/** A call on a turn of the event loop of its own. */
export async function callOn(
  runtime: WasmRuntime,
  name: string,
  options?: CallOptions,
  given: object = context,
): Promise<PluginResult> {
  await nextTurn();
  return await runtime.callHook(name, 'before_hook', given as typeof context, options);
}
