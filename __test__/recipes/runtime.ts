import { WasmRuntime } from 'hookcell';

import { loadPlugins } from '../adapters/behaviors/plugins';

/** A runtime with the plugins of the behaviors. */
export function useRuntime(): WasmRuntime {
  const runtime = new WasmRuntime({ logger: false });
  beforeAll(() => loadPlugins(runtime));
  afterAll(() => runtime.close({ interrupt: true }));
  return runtime;
}
