import { WasmRuntime } from 'hookcell';
import { createHooks } from 'hookcell/hooks';
import type { Hooks, HooksOptions } from 'hookcell/hooks';

import { loadPlugins } from '../behaviors/plugins';

/** Options for contexts of any shape. */
export type Options = HooksOptions<any, any, any, any, any, any>;

/** A runtime with all plugins of the behaviors, new for each test. */
export function useRuntime() {
  const keeper = new WasmRuntime({ logger: false });
  const current = {
    runtime: keeper,
    /** Hooks around operations in the runtime. */
    hooksOf: (options: Options): Hooks<any, any, any, any, true> =>
      createHooks(current.runtime, { logger: false, ...options }),
    /** Replaces the runtime by one with another configuration. */
    async restart(config: object = {}): Promise<void> {
      await stop();
      current.runtime = new WasmRuntime({ logger: false, ...config });
      await loadPlugins(current.runtime);
    },
  };
  async function stop(): Promise<void> {
    if (current.runtime !== keeper) {
      await current.runtime.close({ interrupt: true });
    }
  }
  beforeAll(() => loadPlugins(keeper));
  beforeEach(() => current.restart());
  afterEach(stop);
  afterAll(() => keeper.close());
  return current;
}
