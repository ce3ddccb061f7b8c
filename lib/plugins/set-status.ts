import type { EntryRole, PluginEntry } from './manifest/entry.js';
import type { MonitorCounts } from './monitor/monitored.js';
import type { Monitors } from './monitor/monitors.js';
import type { ReadManifest } from './rollout/manifest-reader.js';
import type { RefusedVersion } from './rollout/refusal.js';
import type { SetState } from './store/set-state.js';
import type { ManifestTrust } from './trust/signature.js';
import type { Deployment } from './versions/deployment.js';
import type { Generation } from './versions/generation.js';
import type { Slot } from './versions/slot.js';

/** A version that runs. */
export interface VersionStatus {
  readonly role: EntryRole;
  readonly id: string;
  /** What the manifest calls it. */
  readonly version?: string;
  /** The name that the runtime knows it by. */
  readonly key: string;
  readonly sha256: string;
  readonly hooks: readonly string[];
  /** The tenants that it is for. Omitted if it is for all. */
  readonly tenants?: readonly string[];
  /** The share of tenants or users that gets it, if it has one. */
  readonly share?: number;
  readonly sticky?: PluginEntry['sticky'];
  /** The number of fixtures that it passed. */
  readonly fixtures: number;
  /** How comparisons ended, if it is monitored. */
  readonly monitored?: Readonly<MonitorCounts>;
}

/** What runs of a plugin. */
export interface PluginStatus {
  readonly name: string;
  readonly order: number;
  readonly versions: readonly VersionStatus[];
  /** Earlier versions that `rollback` can go back to, the latest first. */
  readonly kept: readonly string[];
  /** Versions of the manifest that were rolled back. */
  readonly rolledBack: readonly string[];
}

/** What a plugin set runs now. It is plain JSON. */
export interface PluginSetStatus {
  readonly manifest: { readonly path: string; readonly sha256: string; readonly trust: ManifestTrust };
  /** In the order in which they run. */
  readonly plugins: readonly PluginStatus[];
  /** Versions of the manifest that take no traffic, since the last reload. */
  readonly refused: readonly RefusedVersion[];
  /** Why the last manifest was refused as a whole, if it was. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/** What a status is made of. */
export interface StatusParts {
  readonly path: string;
  readonly manifest: ReadManifest;
  readonly generation: Generation;
  readonly state: SetState;
  readonly monitors: Monitors;
  readonly refused: readonly RefusedVersion[];
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

/** Describes what a set runs. */
export function statusOf({
  path,
  manifest,
  generation,
  state,
  monitors,
  refused,
  problem,
}: StatusParts): PluginSetStatus {
  return {
    manifest: { path, sha256: manifest.sha256, trust: manifest.trust },
    plugins: generation.ordered.map((deployment) => pluginStatus(deployment, state, monitors)),
    refused,
    ...(problem === undefined ? {} : { problem }),
  };
}

function pluginStatus(deployment: Deployment, state: SetState, monitors: Monitors): PluginStatus {
  const { name, order, base, canary, monitor } = deployment;
  const { kept, refused } = state.of(name);
  return {
    name,
    order,
    versions: [
      ...(base === undefined ? [] : [versionStatus('base', base)]),
      ...(canary === undefined ? [] : [versionStatus('canary', canary)]),
      ...(monitor === undefined
        ? []
        : [{ ...versionStatus('monitor', monitor), monitored: { ...monitors.countsOf(monitor.version) } }]),
    ],
    kept: kept.map(({ id }) => id),
    rolledBack: [...refused],
  };
}

function versionStatus(role: EntryRole, { entry, version, hooks, tenants }: Slot): VersionStatus {
  const { version: label, share, sticky, sha256 } = entry;
  return {
    role,
    id: version.id,
    ...(label === undefined ? {} : { version: label }),
    key: version.info.key,
    sha256,
    hooks: [...hooks],
    ...(tenants === undefined ? {} : { tenants: [...tenants] }),
    ...(share === undefined ? {} : { share, sticky }),
    fixtures: version.fixtures,
  };
}
