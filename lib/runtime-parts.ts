import { setImmediate } from 'node:timers/promises';

import { PluginCalls } from './calls/plugin-calls.js';
import { makeNative } from './calls/queue/hook-calls.js';
import { reportAllocation } from './diagnostics.js';
import { PluginLoads } from './loads/plugin-loads.js';
import { setMaxIdleMemoryBytes } from './native.js';
import type { NativeRuntime } from './native.js';
import { parseCloseOptions } from './options/close-options.js';
import type { CloseOptions } from './options/close-options.js';
import { parseSandboxConfig } from './options/sandbox-config.js';
import type { SandboxConfig } from './options/sandbox-config.js';
import { interruptAtExit } from './process/process-exit.js';

/** What a runtime consists of: it is made from the user's options, and closed together. */
export class RuntimeParts {
  readonly native: NativeRuntime;
  readonly calls: PluginCalls;
  readonly loads: PluginLoads;
  #closing: Promise<void> | undefined;

  constructor(config: SandboxConfig | undefined) {
    const { limits, queue, codeCache, maxIdleMemoryBytes, logger, loadSwitches, recorder } = parseSandboxConfig(config);
    this.native = makeNative(queue, limits, codeCache);
    if (maxIdleMemoryBytes !== undefined) {
      setMaxIdleMemoryBytes(maxIdleMemoryBytes);
    }
    this.calls = new PluginCalls(this.native, logger, recorder);
    this.loads = new PluginLoads(this.native, queue.maxLoads, loadSwitches, logger, recorder);
    interruptAtExit(this.native);
    reportAllocation(logger, this.native.isPooled());
  }

  /** Refuses new calls and loads, waits for those in progress or ends them, and unloads every plugin. */
  async close(options: CloseOptions | undefined): Promise<void> {
    const interrupt = parseCloseOptions(options);
    this.#closing ??= this.#shutDown();
    if (interrupt) {
      this.loads.interrupt();
      this.calls.interrupt();
    }
    await this.#closing;
  }

  async #shutDown(): Promise<void> {
    // Aborted calls have left their callers already, but may still run.
    await Promise.all([this.loads.close(), this.calls.close()]);
    // Callers get their results before `close` resolves.
    await setImmediate();
    for (const { key } of this.loads.plugins()) {
      this.native.unloadPlugin(key);
    }
  }
}
