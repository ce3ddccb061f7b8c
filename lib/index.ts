export type { HookContext, HookUser, JsonObject, JsonValue, WholeContext } from './context.js';
export type { FaultMessage, Logger } from './diagnostics.js';
export { errorCodes, faultCodes, HookcellError } from './errors.js';
export type { ErrorCode, FaultCode, HookcellErrorOptions } from './errors.js';
export type { LimitName, SandboxLimits } from './limits.js';
export type { PluginInfo, PluginMemory } from './plugin-info.js';
export type { Accepted, Fault, Faulted, PluginResult, Rejected, Usage } from './result.js';
export { WasmRuntime } from './runtime.js';
export type { CallOptions, HookName, LoadOptions, SandboxConfig } from './runtime.js';
