import type { JsonValue } from '../../calls/context.js';
import type { HookName } from '../../calls/hook-name.js';
import type { Verdict } from '../../hooks/failure/policy.js';
import type { SandboxLimits } from '../../options/limits.js';

/** One plugin of a manifest. */
export interface PluginEntry {
  /**
   * What the plugin is called: 1 to 64 letters, digits, `_`, `.` and `-`, of which the first is a letter or digit. Up to three entries
   * may share a name: the version that runs, one with a `share`, and one in the mode `monitor`.
   */
  name: string;

  /** What people call this version, for messages; 1 to 64 visible characters. */
  version?: string | undefined;

  /**
   * The file of the module, relative to the manifest; it may be outside of its folder, because the digest decides what runs. An entry has
   * either `file` or `source`.
   */
  file?: string | undefined;

  /** Where the option `source` finds the module: any text of 1 to 2,048 characters, such as `s3://plugins/orders.wasm`. */
  source?: string | undefined;

  /** The SHA-256 of the module, as 64 hexadecimal digits. Other bytes never run. */
  sha256: string;

  /** The hooks that the plugin takes part in, which it must export. Default: `before_hook` and `after_hook`, if it exports them. */
  hooks?: readonly HookName[] | undefined;

  /**
   * Where the plugin runs among the others: lower ones first, and equal ones in the order of the manifest. Default 0, -1,000,000 to
   * 1,000,000.
   */
  order: number;

  /** Limits of the plugin, by the names of the options of a load. */
  limits?: SandboxLimits | undefined;

  /** What the plugin gets as the `config` of its context: any JSON, nested at most 100 deep. Default none. */
  config?: JsonValue | undefined;

  /** The configurations of single tenants, which replace `config` in their requests. */
  tenantConfigs?: Readonly<Record<string, JsonValue>> | undefined;

  /** What else the plugin gets in its context: the time as `now`, and a random `seed`. Default neither. */
  grant?: readonly Grant[] | undefined;

  /** Whether the entry counts. Default `true`. */
  enabled: boolean;

  /** The tenants whose requests the plugin sees: whole names, no patterns. Default all, and requests without a tenant. */
  tenants?: readonly string[] | undefined;

  /**
   * `enforce`: the plugin takes part in requests. `monitor`: it runs beside them on the same contexts, and how it would have ended is
   * compared and reported, and never applied. Default `enforce`.
   */
  mode: PluginMode;

  /** The share of requests that a monitored plugin sees, from 0 to 1. Default 1. */
  sample: number;

  /**
   * The share of tenants or users that gets this version, more than 0 and at most 1. The others get the entry of the same name
   * without a share.
   */
  share?: number | undefined;

  /**
   * Whose requests all get the same version if there is a share: those of a `tenant`, or of a `user`. A tenant or user that has the
   * version with the share keeps it while the share grows. A request without a tenant or user gets the other version. Default
   * `tenant`.
   */
  sticky: StickyBy;

  /** What happens to a request if the plugin faults: `closed` or `open`. Default: what the route says, which is `closed` by default. */
  onFault?: Verdict | undefined;

  /** What happens to a request if the plugin rejects it. Default: what the route says, which is `closed` by default. */
  onReject?: Verdict | undefined;
}

/** What an entry can grant a plugin. */
export type Grant = 'now' | 'seed';

/** How a plugin takes part in requests. */
export type PluginMode = 'enforce' | 'monitor';

/** By what requests are assigned to one of two versions. */
export type StickyBy = 'tenant' | 'user';

/** A checked manifest. */
export interface Manifest {
  readonly plugins: readonly PluginEntry[];
}

/** What an entry is to its plugin: the version that runs, the one that gets a share, or the one that is watched. */
export type EntryRole = 'base' | 'canary' | 'monitor';

/** The role of an entry. */
export function roleOf({ mode, share }: PluginEntry): EntryRole {
  if (mode === 'monitor') {
    return 'monitor';
  }
  return share === undefined ? 'base' : 'canary';
}
