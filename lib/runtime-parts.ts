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
import { PluginLog } from './telemetry/plugin-log.js';
import { interruptAtExit } from './process/process-exit.js';

const natives = new WeakMap<object, NativeRuntime>();

/** The addon's side of a runtime, for tools that look behind it. */
export function nativeOf(runtime: object): NativeRuntime {
  const native = natives.get(runtime);
  if (native === undefined) {
    throw new TypeError('expected a WasmRuntime');
  }
  return native;
}

/** What a runtime consists of: it is made from the user's options, and closed together. */
export class RuntimeParts {
  readonly native: NativeRuntime;
  readonly calls: PluginCalls;
  readonly loads: PluginLoads;
  /** The option `concurrency`. */
  readonly slots: number;
  #closing: Promise<void> | undefined;

  readonly #maxQueue: number;
  readonly #log: PluginLog;

  /** @param owner - the runtime, for the messages of the tracing channels */
  constructor(owner: object, config: SandboxConfig | undefined) {
    const parsed = parseSandboxConfig(config);
    const { limits, queue, codeCache, maxIdleMemoryBytes, logger, loadSwitches, recorder } = parsed;
    this.slots = queue.concurrency;
    this.#maxQueue = queue.maxQueue;
    this.native = makeNative(queue, limits, codeCache);
    natives.set(owner, this.native);
    if (maxIdleMemoryBytes !== undefined) {
      setMaxIdleMemoryBytes(maxIdleMemoryBytes);
    }
    this.loads = new PluginLoads(owner, this.native, queue.maxLoads, loadSwitches, logger, recorder);
    const { loads } = this;
    this.#log = new PluginLog(logger, parsed.isDefaultLogger, parsed.maxLogLines, (plugin) => loads.digestOf(plugin));
    this.calls = new PluginCalls(owner, this.native, this.#log, recorder);
    interruptAtExit(this.native);
    reportAllocation(logger, this.native.isPooled());
  }

  /** Would a call be taken now? */
  get isReady(): boolean {
    const { running, waiting } = this.calls.counts();
    return this.#closing === undefined && (waiting < this.#maxQueue || running < this.slots);
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
    this.#log.flush();
    // Callers get their results before `close` resolves.
    await setImmediate();
    for (const { key } of this.loads.plugins()) {
      this.native.unloadPlugin(key);
    }
  }
}
