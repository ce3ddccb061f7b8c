import type { HookStats } from '../hooks/failure/hook-stats.js';
import type { CallOutcome } from '../telemetry/observed-calls.js';

/** How the calls of a plugin ended since it is observed, and how long they took. */
export interface CallsSnapshot {
  /** The calls by how they ended; an omitted outcome did not occur. */
  readonly outcomes: Readonly<Partial<Record<CallOutcome, number>>>;
  /** The time that half of the calls did not exceed, in milliseconds, without the time in the queue; `null` without calls. */
  readonly p50Ms: number | null;
  /** The time that 99 in 100 calls did not exceed. */
  readonly p99Ms: number | null;
}

/** A plugin that is loaded, or that calls name. */
export interface PluginSnapshot extends CallsSnapshot {
  /** The path or name that it is called by. */
  readonly plugin: string;
  /** SHA-256 of the module, if the plugin is loaded. */
  readonly sha256?: string;
  /** What the module says about itself: not to be trusted. */
  readonly version?: string;
  /** Whether it is not called now, because it faulted too often. */
  readonly circuitOpen: boolean;
}

/** A fault or a refusal. */
export interface FailureSnapshot {
  /** When, as RFC 3339. */
  readonly at: string;
  readonly plugin: string;
  readonly hook: string;
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}

/** The status of a runtime. */
export interface StatusSnapshot {
  /** When it was taken, as RFC 3339. */
  readonly at: string;
  /** Since when calls are counted, as RFC 3339. */
  readonly since: string;
  /** Whether a call would be taken now. */
  readonly ready: boolean;
  /** Calls that can run at once, that run now, and that wait now. */
  readonly slots: number;
  readonly running: number;
  readonly waiting: number;
  /** Whether sandboxes come from a pool. */
  readonly pooled: boolean;
  /** The loaded plugins, and others that calls named, sorted by name. */
  readonly plugins: readonly PluginSnapshot[];
  /** Calls of all plugins beyond the first `maxPlugins`, if there are any. */
  readonly others?: CallsSnapshot;
  /** What the hooks of adapters passed over. */
  readonly hooks: HookStats;
  /** The last faults and refusals, the newest first. */
  readonly failures: readonly FailureSnapshot[];
}
