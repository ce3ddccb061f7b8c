import type { SyncCallOptions } from '../options/call-options.js';
import type { Caller } from '../calls/caller.js';
import { callLimitNames, parseCallLimits } from '../options/limits.js';
import type { LimitOptions } from '../native.js';
import { pluginKey } from '../loads/plugin-key.js';
import { PreparedPlugin } from '../calls/prepared-plugin.js';
import type { HookName } from '../calls/hook-name.js';
import { isUrl } from '../values/url.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';
import type { CircuitOpenFailure, FaultedFailure, HookStage, RejectedFailure } from './failure/failure.js';
import type { NativeHook } from './native-hook.js';
import { refuseUnknownOptions } from './options/option-names.js';

/** `closed`: the request ends with the failure. `open`: it goes on without the hook, from the context as it was. */
export type Verdict = 'closed' | 'open';

/** What becomes of a request, always or as a function of what happened. */
export type FailurePolicy<F> = Verdict | ((failure: F, caller: Caller) => Verdict | Promise<Verdict>);

/** What becomes of a request whose plugin fails, or is not called since it failed too often. */
export type FaultPolicy = FailurePolicy<FaultedFailure | CircuitOpenFailure>;

/** What becomes of a request that a plugin rejects. */
export type RejectPolicy = FailurePolicy<RejectedFailure>;

/** What to do where a plugin does not accept. */
export interface PolicyOptions {
  /** Default `closed`. */
  onFault?: FaultPolicy | undefined;
  /** Default `closed`; `open` for a plugin that is on trial. */
  onReject?: RejectPolicy | undefined;
}

/** A plugin among the hooks, with how it is called. */
export interface PluginStep extends PolicyOptions, SyncCallOptions {
  /**
   * A plugin that is loaded when the server starts (see `lateLoading`); or a function that chooses it by the caller, and
   * chooses none with `undefined`: a plugin for each tenant. What it will choose cannot be looked up at the start.
   */
  plugin: string | URL | ((caller: Caller) => string | URL | undefined);
  /** The export to call. Default `before_hook` before the handler, and `after_hook` after it. */
  hook?: HookName | undefined;
}

/** One hook: a plugin, or a function of the server. */
export type HookStep<I extends object, D, S extends object> = string | URL | PluginStep | NativeHook<I, D, S>;

/** Hooks in the order in which they run, on the same context. Plugins that follow one another travel in one hop. */
export type HookChain<I extends object, D, S extends object> = HookStep<I, D, S> | readonly HookStep<I, D, S>[];

/** A plugin of a chain, with its defaults. */
export interface PluginHook {
  /** Where it stands, for an error: `before[1]`. */
  readonly name: string;
  readonly plugin: PreparedPlugin | ((caller: Caller) => string | URL | undefined);
  readonly hook: HookName;
  /** Those of the plugin that a function chooses. */
  readonly limits: LimitOptions | undefined;
  readonly onFault: FaultPolicy;
  readonly onReject: RejectPolicy;
}

/** A native hook of a chain. */
export interface NativeStep<I extends object, D, S extends object> {
  readonly native: NativeHook<I, D, S>;
  /** Where it stands, for an error: `before[1]`. */
  readonly name: string;
}

/** A step with its defaults. */
export type ParsedStep<I extends object, D, S extends object> = PluginHook | NativeStep<I, D, S>;

const ownNames: readonly string[] = ['plugin', 'hook', 'onFault', 'onReject'];
const stepNames: readonly string[] = [...ownNames, ...callLimitNames];
const defaultHooks = { before: 'before_hook', after: 'after_hook' } as const;

/**
 * Reads a chain once, so that a wrong one fails where it is written and not at the first request.
 *
 * @param defaults - the policies of the steps that have none
 */
export function parseChain<I extends object, D, S extends object>(
  stage: HookStage,
  chain: HookChain<I, D, S> | undefined,
  defaults: PolicyOptions,
): ParsedStep<I, D, S>[] {
  if (chain === undefined) {
    return [];
  }
  const isList = Array.isArray(chain);
  const steps = (isList ? chain : [chain]) as readonly HookStep<I, D, S>[];
  // A hole in the list is a step that is missing, and `map` passes over it.
  return Array.from(steps, (step, index) => parseStep(isList ? `${stage}[${index}]` : stage, step, stage, defaults));
}

function parseStep<I extends object, D, S extends object>(
  name: string,
  step: HookStep<I, D, S>,
  stage: HookStage,
  defaults: PolicyOptions,
): ParsedStep<I, D, S> {
  if (typeof step === 'function') {
    return { native: step, name };
  }
  if (typeof step === 'string' || isUrl(step)) {
    return parsePluginStep(name, { plugin: step }, stage, defaults);
  }
  if (kindOf(step) !== 'an object') {
    throw new TypeError(`${name} must be a plugin, a function, or an object with a plugin, got ${kindOf(step)}`);
  }
  return parsePluginStep(name, step, stage, defaults);
}

function parsePluginStep(name: string, step: PluginStep, stage: HookStage, defaults: PolicyOptions): PluginHook {
  refuseUnknownOptions(name, step, stepNames);
  const { plugin, hook = defaultHooks[stage] } = step;
  if (typeof hook !== 'string') {
    throw new TypeError(`${name}.hook must be a string, got ${kindOf(hook)}`);
  }
  checkWellFormed(`${name}.hook`, hook);
  const limits = parseCallLimits(step, ownNames);
  const policies = parsePolicies(`${name}.`, step);
  return {
    name,
    plugin: typeof plugin === 'function' ? plugin : new PreparedPlugin(pluginKey(plugin), limits),
    hook,
    limits,
    onFault: policies.onFault ?? defaults.onFault ?? 'closed',
    onReject: policies.onReject ?? defaults.onReject ?? 'closed',
  };
}

/** Reads `onFault` and `onReject`. */
export function parsePolicies(owner: string, { onFault, onReject }: PolicyOptions): PolicyOptions {
  return { onFault: parsePolicy(`${owner}onFault`, onFault), onReject: parsePolicy(`${owner}onReject`, onReject) };
}

function parsePolicy<P>(name: string, policy: P): P {
  if (policy !== undefined && policy !== 'closed' && policy !== 'open' && typeof policy !== 'function') {
    const shown = typeof policy === 'string' ? JSON.stringify(policy) : kindOf(policy);
    throw new TypeError(`${name} must be 'closed', 'open' or a function, got ${shown}`);
  }
  return policy;
}

/** What a policy says to a failure. Anything but a plain `open` closes. */
export async function verdictOf<F>(policy: FailurePolicy<F>, failure: F, caller: Caller): Promise<Verdict> {
  const verdict = typeof policy === 'function' ? await policy(failure, caller) : policy;
  return verdict === 'open' ? 'open' : 'closed';
}
