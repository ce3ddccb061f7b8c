import { brand } from './brand.js';
import { WasmRuntime } from './runtime.js';

export type { CallOptions, SyncCallOptions } from './options/call-options.js';
export type { HookUser } from './calls/caller.js';
export type {
  ChainAccepted,
  ChainedPlugin,
  ChainFaulted,
  ChainRejected,
  ChainResult,
  ChainStep,
} from './calls/chain.js';
export type { CloseOptions } from './options/close-options.js';
export type { CodeCacheOptions } from './options/code-cache.js';
export type { IdleMemoryOptions } from './options/idle-memory.js';
export type { HookContext, WholeContext } from './calls/context.js';
export type { JsonObject, JsonValue } from './values/json.js';
export type { FaultMessage, Logger } from './diagnostics.js';
export { errorCodes, faultCodes, HookcellError } from './errors.js';
export type { ErrorCode, ExceededLimit, Fault, FaultCode, HookcellErrorOptions } from './errors.js';
export type { Granted, GrantedTime, GrantOptions } from './grants/grants.js';
export type { HookName } from './calls/hook-name.js';
export type { IsolateOptions } from './options/isolate.js';
export { limitDescriptions } from './options/limits.js';
export type { LimitDescription, LimitName, SandboxLimits } from './options/limits.js';
export type { LoadOptions } from './options/load-options.js';
export type { CodeFrom, DeclaredLimits, IsolateCost, PluginInfo, PluginMemory } from './loads/plugin-info.js';
export type { RecordOptions } from './options/record-options.js';
export type { QueueOptions } from './options/queue-options.js';
export type {
  Accepted,
  CallRecord,
  Faulted,
  LogLevel,
  LogLine,
  PluginResult,
  Rejected,
  Usage,
} from './calls/result.js';
export type { CallMessage, ChainMessage, LoadMessage } from './telemetry/channels.js';
export type { SandboxConfig } from './options/sandbox-config.js';
export { WasmRuntime };

brand(WasmRuntime, 'WasmRuntime');
