import type { EntryRole } from '../manifest/entry.js';
import type { Outcome } from '../compare/outcome.js';
import type { Slot } from '../versions/slot.js';

/** How often a monitored version ended as the version beside it. */
export interface MonitorCounts {
  /** Contexts that both versions got. */
  compared: number;
  /** Of those, how many ended differently. */
  different: number;
  /** Of those, how many the monitored version would have rejected. */
  rejected: number;
  /** Of those, on how many the monitored version faulted. */
  faulted: number;
  /** Requests of the sample that were not compared, because calls needed the slots or too many contexts were held. */
  skipped: number;
}

/** A version in a message. */
export interface NamedVersion {
  readonly id: string;
  readonly role: EntryRole;
  /** What the manifest calls it. */
  readonly version?: string;
}

/** A monitored version would have ended differently. The outcomes contain what users sent. */
export interface MonitoredDifference {
  readonly name: string;
  readonly hook: string;
  readonly tenant: string | null;
  /** The version that took part in the request; `null` if the plugin is only monitored, which counts as accepting without changes. */
  readonly enforced: NamedVersion | null;
  readonly monitored: NamedVersion;
  readonly enforcedOutcome: Outcome;
  readonly monitoredOutcome: Outcome;
  /** JSON pointers of up to ten values of the outcomes that differ. */
  readonly paths: readonly string[];
}

/** A version, for a message. */
export function namedVersion({ entry, version: { id } }: Slot, role: EntryRole): NamedVersion {
  return { id, role, ...(entry.version === undefined ? {} : { version: entry.version }) };
}
