import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';

import { soon } from '../../support/clock';
import type { Driver, Options, Route } from './driver';
import { loadPlugins } from './plugins';
import { echo } from './rows';

/** A runtime with all plugins, and servers of one adapter that call them. */
export class TestServer {
  readonly #driver: Driver;
  readonly #closing: (() => Promise<void>)[] = [];
  #runtime: WasmRuntime | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  get runtime(): WasmRuntime {
    if (this.#runtime === undefined) {
      throw new Error('call start() first');
    }
    return this.#runtime;
  }

  async start(config: SandboxConfig = {}): Promise<void> {
    this.#runtime = new WasmRuntime({ logger: false, ...config });
    await loadPlugins(this.#runtime);
  }

  /** Serves a route with hooks, and resolves with its address. */
  async serve(hooks: Options, handle: Route['handle'] = echo): Promise<string> {
    const { url, close } = await this.#driver({ runtime: this.runtime, hooks: { logger: false, ...hooks }, handle });
    this.#closing.push(close);
    return url;
  }

  /** Takes the only slot of the runtime until it is closed. */
  async takeSlot(): Promise<void> {
    void this.runtime
      .callHook('loop', 'before_hook', { input: {} }, { timeoutMs: 60_000, queueTimeoutMs: 60_000 })
      .catch(() => undefined);
    await soon();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#closing.splice(0).map((close) => close()));
    await this.runtime.close({ interrupt: true });
  }
}
