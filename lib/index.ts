import { brand } from './brand.js';
import { WasmRuntime } from './runtime.js';

export type { CallOptions, SyncCallOptions } from './call-options.js';
export type { ChainAccepted, ChainedPlugin, ChainFaulted, ChainRejected, ChainResult, ChainStep } from './chain.js';
export type { CloseOptions } from './close-options.js';
export type { CodeCacheOptions } from './code-cache.js';
export type { HookContext, HookUser, JsonObject, JsonValue, WholeContext } from './context.js';
export type { FaultMessage, Logger } from './diagnostics.js';
export { errorCodes, faultCodes, HookcellError } from './errors.js';
export type { ErrorCode, ExceededLimit, FaultCode, HookcellErrorOptions } from './errors.js';
export type { HookName } from './hook-name.js';
export type { IsolateOptions } from './isolate.js';
export type { LimitName, SandboxLimits } from './limits.js';
export type { LoadOptions } from './load-options.js';
export type { CodeFrom, IsolateCost, PluginInfo, PluginMemory } from './plugin-info.js';
export type { QueueOptions } from './queue-options.js';
export type { Accepted, Fault, Faulted, PluginResult, Rejected, Usage } from './result.js';
export type { SandboxConfig } from './sandbox-config.js';
export { WasmRuntime };

brand(WasmRuntime, 'WasmRuntime');
