// What every adapter exports, besides its own.

export type { Caller } from '../calls/caller.js';
export type { CircuitBreakerOptions } from './circuit/circuit.js';
export type {
  CircuitOpenFailure,
  FaultedFailure,
  HookFailure,
  HookStage,
  RefusedFailure,
  RejectedFailure,
} from './failure/failure.js';
export type { HookOptions, HookSchemas, OperationOptions } from './options/hook-options.js';
export { hookStats } from './failure/hook-stats.js';
export type { HookStats } from './failure/hook-stats.js';
export type { FailurePolicy, FaultPolicy, PolicyOptions, RejectPolicy, Verdict } from './failure/policy.js';
export type { HookChain, HookStep, PluginStep } from './hook-step.js';
export type { ChosenPlugin, ChosenPlugins, PluginChoice } from './choice/plugin-choice.js';
export { HookRejection, reject } from './rejection.js';
export type { HookChanges, NativeContext, NativeHook } from './native-hook.js';
export type { RejectOptions } from './rejection.js';
export type { CircuitMessage, PassMessage } from './failure/notices.js';
export type { HookCaller } from './hook-caller.js';
export { failureOf, HookProblem } from './failure/problem.js';
export type { HookProblemCode, ProblemAnswer, ProblemDetails, ProblemMapping } from './failure/problem.js';
export type { Resolver, ResolverOptions } from './request/resolvers.js';
export type { SchemaAt, UncheckedInput } from './schema/schema-at.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './schema/standard-schema.js';
