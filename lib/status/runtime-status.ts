import { hookStats } from '../hooks/failure/hook-stats.js';
import { redacted } from '../grants/secrets.js';
import type { PluginInfo } from '../loads/plugin-info.js';
import type { ObservedRuntime } from '../telemetry/observed-runtime.js';
import { observeCalls } from '../telemetry/observed-calls.js';
import type { ObservedCall } from '../telemetry/observed-calls.js';
import { shown } from '../values/shown-text.js';
import { PluginCalls } from './plugin-calls.js';
import type { CallsSnapshot, FailureSnapshot, PluginSnapshot, StatusSnapshot } from './snapshot.js';

const noCalls: CallsSnapshot = { outcomes: {}, p50Ms: null, p99Ms: null };

/** Counts the calls of a runtime from when it is made, in bounded memory. */
export class RuntimeStatus {
  readonly #runtime: ObservedRuntime;
  readonly #maxPlugins: number;
  readonly #maxFailures: number;
  readonly #since = new Date().toISOString();
  readonly #calls = new Map<string, PluginCalls>();
  #others: PluginCalls | undefined;
  readonly #failures: FailureSnapshot[] = [];
  readonly #stop: () => void;

  constructor(runtime: ObservedRuntime, maxPlugins: number, maxFailures: number) {
    this.#runtime = runtime;
    this.#maxPlugins = maxPlugins;
    this.#maxFailures = maxFailures;
    this.#stop = observeCalls(runtime, { end: (call) => this.#add(call) });
  }

  /** The status now. */
  snapshot(): StatusSnapshot {
    const runtime = this.#runtime;
    const hooks = hookStats(runtime);
    return {
      at: new Date().toISOString(),
      since: this.#since,
      ready: runtime.ready(),
      slots: runtime.slots,
      running: runtime.running,
      waiting: runtime.waiting,
      pooled: runtime.pooled,
      plugins: this.#plugins(new Set(hooks.openCircuits)),
      ...(this.#others === undefined ? {} : { others: this.#others.snapshot() }),
      hooks,
      failures: this.#failures.toReversed(),
    };
  }

  /** Counts no more calls. */
  stop(): void {
    this.#stop();
  }

  #plugins(open: ReadonlySet<string>): PluginSnapshot[] {
    const loaded = new Map(this.#runtime.plugins().map((info) => [info.key, info]));
    const names = [...new Set([...loaded.keys(), ...this.#calls.keys()])].toSorted();
    const plugins: PluginSnapshot[] = [];
    for (const plugin of names) {
      const calls = this.#calls.get(plugin)?.snapshot() ?? noCalls;
      plugins.push({ plugin, ...versionOf(loaded.get(plugin)), circuitOpen: open.has(plugin), ...calls });
    }
    return plugins;
  }

  #add(call: ObservedCall): void {
    this.#callsOf(call.plugin).add(call);
    const { outcome, plugin, hook, code, fault, refusal, requestId } = call;
    if (outcome !== 'faulted' && outcome !== 'refused') {
      return;
    }
    if (this.#failures.length >= this.#maxFailures) {
      this.#failures.shift();
    }
    if (this.#maxFailures > 0) {
      const message = shown(redacted(fault?.message ?? refusal ?? ''));
      const failure = { at: new Date().toISOString(), plugin, hook, code: code ?? '', message };
      this.#failures.push(requestId === undefined ? failure : { ...failure, requestId });
    }
  }

  #callsOf(plugin: string): PluginCalls {
    const known = this.#calls.get(plugin);
    if (known !== undefined) {
      return known;
    }
    if (this.#calls.size >= this.#maxPlugins && !this.#forgetOne()) {
      return (this.#others ??= new PluginCalls());
    }
    const calls = new PluginCalls();
    this.#calls.set(plugin, calls);
    return calls;
  }

  /** Plugins that are gone make room, because each version of a plugin set has a name of its own. Returns whether there was one. */
  #forgetOne(): boolean {
    for (const plugin of this.#calls.keys()) {
      if (this.#isGone(plugin)) {
        return this.#calls.delete(plugin);
      }
    }
    return false;
  }

  #isGone(plugin: string): boolean {
    try {
      return !this.#runtime.isLoaded(plugin);
    } catch {
      // A call may name anything.
      return true;
    }
  }
}

function versionOf(info: PluginInfo | undefined): { sha256?: string; version?: string } {
  if (info === undefined) {
    return {};
  }
  const version = info.metadata?.['version'];
  return { sha256: info.sha256, ...(typeof version === 'string' ? { version: shown(version) } : {}) };
}
