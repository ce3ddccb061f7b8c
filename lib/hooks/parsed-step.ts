import type { Caller } from '../calls/caller.js';
import type { JsonValue } from '../values/json.js';
import type { HookName } from '../calls/hook-name.js';
import { PreparedPlugin } from '../calls/prepared/prepared-plugin.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { LimitOptions } from '../native.js';
import { grantNames, parseGrants } from '../grants/grants.js';
import type { ParsedGrants } from '../grants/grants.js';
import { callLimitNames, parseCallLimits } from '../options/limits.js';
import { isUrl } from '../values/url.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';
import type { HookStage } from './failure/failure.js';
import { parsePolicies } from './failure/policy.js';
import type { FaultPolicy, PolicyOptions, RejectPolicy } from './failure/policy.js';
import type { HookChain, HookStep, PluginStep } from './hook-step.js';
import type { NativeHook } from './native-hook.js';
import { isPluginChoice } from './choice/plugin-choice.js';
import type { ChosenPlugin, PluginChoice } from './choice/plugin-choice.js';
import { refuseUnknownOptions } from './options/option-names.js';

/** A plugin among the hooks, ready to be called. */
export interface ParsedPluginStep {
  /** Its path in the options, for an error: `before[1]`. */
  readonly name: string;
  readonly plugin: PreparedPlugin | ((caller: Caller) => string | URL | undefined);
  readonly hook: HookName;
  /** The limits of its calls. */
  readonly limits: LimitOptions | undefined;
  /** What it is granted, unless a function chooses its configuration. */
  readonly grants: ParsedGrants | undefined;
  /** Chooses its configuration. */
  readonly config: ((caller: Caller) => JsonValue | undefined) | undefined;
  readonly onFault: FaultPolicy;
  readonly onReject: RejectPolicy;
}

/** A native hook among the hooks. */
export interface ParsedNativeStep {
  readonly native: NativeHook<any, any, any>;
  /** Its path in the options, for an error: `before[1]`. */
  readonly name: string;
}

/** Plugins that are chosen for each request, among the hooks. */
export interface ParsedChoiceStep {
  /** Its path in the options, for an error: `before[1]`. */
  readonly name: string;
  readonly choice: PluginChoice;
  readonly hook: HookName;
  /** A chosen plugin as a hook. */
  readonly stepOf: (chosen: ChosenPlugin) => ParsedPluginStep;
}

/** One hook, parsed. */
export type ParsedStep = ParsedPluginStep | ParsedNativeStep | ParsedChoiceStep;

const ownNames: readonly string[] = ['plugin', 'hook', 'onFault', 'onReject', ...grantNames];
const stepNames: readonly string[] = [...ownNames, ...callLimitNames];
const defaultHooks = { before: 'before_hook', after: 'after_hook' } as const;

/** The options of a route for the steps that have none of their own. */
export interface StepDefaults extends PolicyOptions {
  readonly limits?: LimitOptions | undefined;
}

/**
 * Parses a chain once, so that a mistake in it fails when the route is declared and not at the first request.
 *
 * @param defaults - the options of steps that have none of their own
 */
export function parseSteps(
  stage: HookStage,
  chain: HookChain<any, any, any> | undefined,
  defaults: StepDefaults,
): ParsedStep[] {
  if (chain === undefined) {
    return [];
  }
  const isList = Array.isArray(chain);
  const steps = (isList ? chain : [chain]) as readonly HookStep<any, any, any>[];
  // Not `map`, which skips holes: a hole is a missing step, and so an error.
  return Array.from(steps, (step, index) => parseStep(isList ? `${stage}[${index}]` : stage, step, stage, defaults));
}

function parseStep(name: string, step: HookStep<any, any, any>, stage: HookStage, defaults: StepDefaults): ParsedStep {
  if (typeof step === 'function') {
    return { native: step, name };
  }
  if (typeof step === 'string' || isUrl(step)) {
    return parsePluginStep(name, { plugin: step }, stage, defaults);
  }
  if (!isRecord(step)) {
    throw new TypeError(`${name} must be a plugin, a function, or an object with a plugin, got ${kindOf(step)}`);
  }
  if (isPluginChoice(step)) {
    return parseChoiceStep(name, step, stage, defaults);
  }
  return parsePluginStep(name, step, stage, defaults);
}

function parsePluginStep(name: string, step: PluginStep, stage: HookStage, defaults: StepDefaults): ParsedPluginStep {
  refuseUnknownOptions(name, step, stepNames);
  const { plugin, hook = defaultHooks[stage] } = step;
  if (typeof hook !== 'string') {
    throw new TypeError(`${name}.hook must be a string, got ${kindOf(hook)}`);
  }
  checkWellFormed(`${name}.hook`, hook);
  const limits = withDefaults(parseCallLimits(step, ownNames), defaults.limits);
  const policies = parsePolicies(`${name}.`, step);
  const { config, now, seed } = step;
  const chooses = typeof config === 'function';
  const grants = parseGrants({ config: chooses ? undefined : config, now, seed });
  return {
    name,
    plugin: typeof plugin === 'function' ? plugin : new PreparedPlugin(pluginKey(plugin), limits, grants),
    hook,
    limits,
    grants,
    config: chooses ? config : undefined,
    onFault: policies.onFault ?? defaults.onFault ?? 'closed',
    onReject: policies.onReject ?? defaults.onReject ?? 'closed',
  };
}

function parseChoiceStep(
  name: string,
  choice: PluginChoice,
  stage: HookStage,
  defaults: StepDefaults,
): ParsedChoiceStep {
  const hook = defaultHooks[stage];
  const { limits, onFault = 'closed', onReject = 'closed' } = defaults;
  const steps = new WeakMap<ChosenPlugin, ParsedPluginStep>();
  const stepOf = (chosen: ChosenPlugin): ParsedPluginStep => {
    let step = steps.get(chosen);
    if (step === undefined) {
      const grants = parseGrants({ config: chosen.config });
      step = {
        name,
        plugin: new PreparedPlugin(chosen.plugin, limits, grants),
        hook,
        limits,
        grants,
        config: undefined,
        onFault: chosen.onFault ?? onFault,
        onReject: chosen.onReject ?? onReject,
      };
      steps.set(chosen, step);
    }
    return step;
  };
  return { name, choice, hook, stepOf };
}

function withDefaults(own: LimitOptions | undefined, defaults: LimitOptions | undefined): LimitOptions | undefined {
  return defaults === undefined ? own : { ...defaults, ...own };
}
