import { WasmRuntime } from 'hookcell';
import type { CallOptions, SandboxConfig } from 'hookcell';

import { fixture } from './wat';

/**
 * A runtime with the plugins `endless`, which loops until it is stopped, and `quick`, which returns at once. Its deadlines
 * are longer than any test.
 */
export async function makeRuntime(config?: SandboxConfig): Promise<WasmRuntime> {
  const runtime = new WasmRuntime({
    logger: false,
    maxFuel: Number.MAX_SAFE_INTEGER,
    timeoutMs: 60_000,
    queueTimeoutMs: 60_000,
    ...config,
  });
  await runtime.loadPluginBytes('endless', await fixture('endless_hook'));
  await runtime.loadPluginBytes('quick', await fixture('pass_through'));
  return runtime;
}

/** Takes a slot, or waits for one, until it is released or the runtime is closed. */
export function occupy(runtime: WasmRuntime, options?: CallOptions): () => void {
  const controller = new AbortController();
  const occupant = runtime.callHook('endless', 'before_hook', { input: {} }, { ...options, signal: controller.signal });
  occupant.catch(() => {});
  return () => controller.abort();
}
