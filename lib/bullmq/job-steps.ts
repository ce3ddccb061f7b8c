import type { Caller } from '../calls/caller.js';
import { HookcellError } from '../errors.js';
import type { ChosenPlugin } from '../hooks/choice/plugin-choice.js';
import type { HookStage } from '../hooks/failure/failure.js';
import { fileKey } from '../hooks/failure/missing-hooks.js';
import type { HookChain } from '../hooks/hook-step.js';
import { parseSteps } from '../hooks/parsed-step.js';
import type { ParsedChoiceStep, ParsedPluginStep } from '../hooks/parsed-step.js';
import type { PluginInfo } from '../loads/plugin-info.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { CallLimits } from '../options/call-options.js';
import type { JobPlugin, JobStep } from './hook-job.js';

/** The longest version that a module says it is, in a job. */
const MOST_VERSION = 64;

/** A hook that a job can carry: a plugin, or what chooses plugins. */
export type JobPluginStep = ParsedPluginStep | ParsedChoiceStep;

/** A plugin for a job, and the hook that it is called by. */
export interface ChosenStep {
  readonly hook: string;
  readonly step: JobStep;
}

/**
 * Reads the hooks of a stage.
 *
 * @throws `TypeError` if a job cannot carry them
 */
export function parseJobSteps(stage: HookStage, chain: HookChain<any, any, any> | undefined): JobPluginStep[] {
  const steps = parseSteps(stage, chain, {}).map((step) => {
    if ('native' in step) {
      throw new TypeError(`${step.name} must be a plugin or a plugin set: a job cannot carry a function`);
    }
    return step;
  });
  for (const step of steps) {
    if ('plugin' in step && (step.grants !== undefined || step.config !== undefined)) {
      throw new TypeError(
        `${step.name}: a job carries no config, now and seed; load the plugin with them in the worker`,
      );
    }
    if (stage === 'before' && step.hook !== steps[0]?.hook) {
      throw new TypeError(`${step.name} has another hook than ${steps[0]?.name}: the plugins of one job share it`);
    }
    for (const name of ['onFault', 'onReject'] as const) {
      if (stage === 'before' && 'plugin' in step && typeof step[name] === 'function') {
        throw new TypeError(`${step.name}.${name} must be 'open' or 'closed': a job cannot carry a function`);
      }
    }
  }
  return steps;
}

/** Chooses the plugins of one job. */
export class StepChoice {
  readonly #infos: ReadonlyMap<string, PluginInfo>;
  readonly #sourceOf: ((plugin: PluginInfo) => string | undefined) | undefined;

  /** @param loaded - the plugins of the runtime */
  constructor(loaded: readonly PluginInfo[], sourceOf: ((plugin: PluginInfo) => string | undefined) | undefined) {
    this.#infos = new Map(loaded.map((info) => [info.key, info]));
    this.#sourceOf = sourceOf;
  }

  /** @throws {@link HookcellError} `ERR_NOT_LOADED` or `ERR_NO_HOOK` */
  of(step: JobPluginStep, caller: Caller): JobStep[] {
    if ('choice' in step) {
      return this.#chosen(step, caller);
    }
    const chosen = typeof step.plugin === 'function' ? step.plugin(caller) : step.plugin.key;
    if (chosen === undefined) {
      return [];
    }
    const { limits, onFault, onReject } = step;
    return [
      {
        plugin: this.#plugin(this.#find(step, pluginKey(chosen))),
        ...(limits !== undefined && { limits: limits as CallLimits }),
        ...(onFault === 'open' && { onFault }),
        ...(onReject === 'open' && { onReject }),
      },
    ];
  }

  /** The plugins that a set has for the caller. What is monitored is not called by a job. */
  #chosen(step: ParsedChoiceStep, caller: Caller): JobStep[] {
    const chosen = step.choice.choosePlugins(step.hook, caller, {});
    try {
      return chosen.plugins.map((each) => this.#chosenStep(step, each));
    } finally {
      chosen.end();
    }
  }

  #chosenStep(step: ParsedChoiceStep, { plugin, version, onFault, onReject }: ChosenPlugin): JobStep {
    if (version === undefined) {
      throw new TypeError(`${step.name} chooses a plugin that is of no plugin set, which a job cannot carry`);
    }
    const { name, ...inSet } = version;
    return {
      plugin: { ...this.#plugin(this.#find(step, plugin)), name, inSet },
      ...(onFault === 'open' && { onFault }),
      ...(onReject === 'open' && { onReject }),
    };
  }

  #find({ name, hook }: JobPluginStep, key: string): PluginInfo {
    const info = this.#infos.get(key) ?? this.#infos.get(fileKey(key));
    if (info === undefined) {
      throw new HookcellError('ERR_NOT_LOADED', `${name} is ${JSON.stringify(key)}, which is not loaded`);
    }
    if (!info.hooks.includes(hook)) {
      throw new HookcellError('ERR_NO_HOOK', `${name}: ${JSON.stringify(key)} has no hook ${hook}`);
    }
    return info;
  }

  #plugin(info: PluginInfo): JobPlugin {
    const { version } = info.metadata ?? {};
    const source = this.#sourceOf?.(info);
    return {
      name: info.key,
      sha256: info.sha256,
      ...(typeof version === 'string' && version.length <= MOST_VERSION && { version }),
      ...(source !== undefined && { source }),
    };
  }
}
