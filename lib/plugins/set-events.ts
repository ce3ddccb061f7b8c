import type { HookcellError } from '../errors.js';
import type { EntryRole } from './manifest/entry.js';
import type { MonitoredDifference } from './monitor/monitored.js';
import type { RefusedVersion } from './rollout/refusal.js';

/** A version of a plugin that was loaded, or unloaded. */
export interface VersionMessage {
  readonly name: string;
  /** The identifier of the version. */
  readonly id: string;
  /** The name that the runtime knows it by. */
  readonly key: string;
  readonly sha256: string;
}

/** What runs of a plugin has changed. */
export interface PluginChange {
  readonly name: string;
  readonly role: EntryRole;
  /** The version that ran; `undefined` if none did. */
  readonly from: string | undefined;
  /** The version that runs now; `undefined` if none does. */
  readonly to: string | undefined;
}

/** What a reload did. */
export interface ReloadReport {
  /** What runs now instead of what ran before. */
  readonly changes: readonly PluginChange[];
  /** Versions that take no traffic; what ran before goes on. */
  readonly refused: readonly RefusedVersion[];
}

/** A change took effect, in one step for all plugins. */
export interface SwapMessage {
  /** The SHA-256 of the manifest. */
  readonly manifest: string;
  readonly changes: readonly PluginChange[];
}

/** A plugin was rolled back. */
export interface RollbackMessage {
  readonly name: string;
  /** The versions that take no more traffic. */
  readonly from: readonly string[];
  /** The version that runs now. */
  readonly to: string;
}

/** The events of a plugin set, with what their listeners get. */
export interface PluginSetEvents {
  /** A version is loaded and has passed its fixtures. It takes no traffic yet. */
  loaded: [VersionMessage];
  /** A version is unloaded, because no request runs it and it is not kept. */
  unloaded: [VersionMessage];
  /** Other versions run now. */
  swapped: [SwapMessage];
  /** A version takes no traffic, and what ran before goes on. */
  refused: [RefusedVersion];
  /** A whole manifest is refused, and what ran before goes on. */
  manifestRefused: [HookcellError];
  /** A plugin was rolled back, here or in another process with the same `storeDir`. */
  rolledBack: [RollbackMessage];
  /** A monitored version would have ended a request differently. */
  difference: [MonitoredDifference];
}
