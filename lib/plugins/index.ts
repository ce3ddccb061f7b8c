export { openPlugins } from './open-plugins.js';
export { PluginSet } from './plugin-set.js';
export type { EntryRole, PluginEntry, PluginMode, StickyBy } from './manifest/entry.js';
export type { ModuleBytes, PluginSource, SourceRequest } from './loads/module-bytes.js';
export type { MonitorCounts, MonitoredDifference, NamedVersion } from './monitor/monitored.js';
export type { Outcome } from './compare/outcome.js';
export type { PluginSetOptions } from './options/set-options.js';
export type { WatchOptions } from './options/watch-options.js';
export type { RefusedVersion } from './rollout/refusal.js';
export type {
  PluginChange,
  PluginSetEvents,
  ReloadReport,
  RollbackMessage,
  SwapMessage,
  VersionMessage,
} from './set-events.js';
export type { SetRuntime } from './set-runtime.js';
export type { PluginSetStatus, PluginStatus, VersionStatus } from './set-status.js';
export { generateSigningKeys } from './trust/ed25519.js';
export type { SigningKeys } from './trust/ed25519.js';
export { signManifest, verifyManifest } from './trust/signature.js';
export type { ManifestTrust, SignOptions, TrustCheck, TrustStatus } from './trust/signature.js';
export type { TrustedKey, TrustedKeys } from './trust/trusted-keys.js';
