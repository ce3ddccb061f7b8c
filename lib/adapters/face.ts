// What every adapter exports beside what is its own.

export type { CircuitBreakerOptions } from './circuit.js';
export type {
  CircuitOpenFailure,
  FaultedFailure,
  HookFailure,
  HookStage,
  RefusedFailure,
  RejectedFailure,
} from './failure.js';
export type { HookOptions, HookSchemas } from './hook-options.js';
export { hookStats } from './hook-stats.js';
export type { HookStats } from './hook-stats.js';
export type {
  FailurePolicy,
  FaultPolicy,
  HookChain,
  HookStep,
  PluginStep,
  PolicyOptions,
  RejectPolicy,
  Verdict,
} from './hook-step.js';
export { HookRejection, reject } from './native-hook.js';
export type { HookChanges, NativeContext, NativeHook, RejectOptions } from './native-hook.js';
export type { CircuitMessage, PassMessage } from './notices.js';
export type { HookCaller } from './plugin-chain.js';
export { HookProblem } from './problem.js';
export type { HookProblemCode, ProblemAnswer, ProblemDetails, ProblemMapping } from './problem.js';
export type { Caller, Resolver, ResolverOptions } from './resolvers.js';
export type { SchemaAt, UncheckedInput } from './schema-at.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js';
