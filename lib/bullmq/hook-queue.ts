import type { Queue } from 'bullmq';

import type { Caller } from '../calls/caller.js';
import type { PluginInfo } from '../loads/plugin-info.js';
import type { HookStage } from '../hooks/failure/failure.js';
import type { HookChain } from '../hooks/hook-step.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import type { WasmRuntime } from '../runtime.js';
import { parseJobSteps, StepChoice } from './job-steps.js';
import type { ChosenStep, JobPluginStep } from './job-steps.js';
import { kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';
import type { Bounds } from '../values/whole-number.js';

/** What is needed of a runtime: what it has loaded. */
export type PluginList = Pick<WasmRuntime, 'plugins'>;

/** How jobs of hooks are made. */
export interface HookQueueOptions {
  /** The queue of BullMQ that jobs are added to. You close it. */
  queue: Queue<any, any, any, any, any, any, any, any>;

  /**
   * The plugins for {@link enqueueAfter}, each of which gets a job of its own: they see the data as it was, and not what the others make
   * of it. A plugin set stands for the plugins that it has for the caller. Plugins are chosen when the job is made. A function of the
   * server cannot be among them, because a job cannot carry it.
   */
  after?: HookChain<any, any, any> | undefined;

  /**
   * The plugins for {@link enqueueBefore}, which run in order in one job: each gets the context as those before it left it. Their
   * policies are `open` or `closed`, and no functions. Otherwise as `after`.
   */
  before?: HookChain<any, any, any> | undefined;

  /** Where the option `source` of a worker finds a module, for workers without the file. Default none. */
  sourceOf?: ((plugin: PluginInfo) => string | undefined) | undefined;

  /** How often a job is tried whose result cannot be applied or whose plugin exceeds its deadline. Default 5, 1 to 100. */
  attempts?: number | undefined;

  /** The time before the second attempt, which doubles for each further one, in milliseconds. Default 1,000, 1 to 3,600,000. */
  backoffMs?: number | undefined;

  /**
   * How long a finished job is kept, in milliseconds. In this time a job with the same key is recognized as a duplicate. Default
   * 86,400,000 (a day), 0 to 2,592,000,000 (30 days).
   */
  keepMs?: number | undefined;

  /** The largest context of a job, in bytes of JSON. Default 1,048,576 (1 MiB), 64 to 67,108,864 (64 MiB). */
  maxJobBytes?: number | undefined;

  /**
   * The most time for adding a job, in milliseconds. After it the promise rejects, and the job may have been added or not: adding it
   * again with the same key is safe. Default 10,000, 1 to 3,600,000.
   */
  enqueueTimeoutMs?: number | undefined;
}

const bounds = {
  attempts: { name: 'createHookQueue.attempts', min: 1, max: 100, default: 5 },
  backoffMs: { name: 'createHookQueue.backoffMs', min: 1, max: 3_600_000, default: 1_000 },
  keepMs: { name: 'createHookQueue.keepMs', min: 0, max: 2_592_000_000, default: 86_400_000 },
  maxJobBytes: { name: 'createHookQueue.maxJobBytes', min: 64, max: 67_108_864, default: 1_048_576 },
  enqueueTimeoutMs: { name: 'createHookQueue.enqueueTimeoutMs', min: 1, max: 3_600_000, default: 10_000 },
} as const satisfies Record<string, Bounds>;

/** The settings of a queue of hooks that are numbers. */
export type HookQueueLimits = Record<keyof typeof bounds, number>;

/** Hooks whose calls are jobs. Made by {@link createHookQueue}. */
export class HookQueue {
  readonly #runtime: PluginList;
  readonly #steps: Readonly<Record<HookStage, readonly JobPluginStep[]>>;
  readonly #sourceOf: HookQueueOptions['sourceOf'];
  /** @internal */
  readonly queue: Queue;
  /** @internal */
  readonly limits: HookQueueLimits;

  /** @internal */
  constructor(runtime: PluginList, options: HookQueueOptions) {
    refuseUnknownOptions('createHookQueue', options, ['queue', 'before', 'after', 'sourceOf', ...Object.keys(bounds)]);
    const { queue, before, after, sourceOf } = options;
    if (typeof (queue as Partial<Queue> | undefined)?.addBulk !== 'function') {
      throw new TypeError(`queue must be a Queue of bullmq, got ${kindOf(queue)}`);
    }
    if (sourceOf !== undefined && typeof sourceOf !== 'function') {
      throw new TypeError(`sourceOf must be a function, got ${kindOf(sourceOf)}`);
    }
    this.#runtime = runtime;
    this.#steps = { before: parseJobSteps('before', before), after: parseJobSteps('after', after) };
    if (this.#steps.before.length + this.#steps.after.length === 0) {
      throw new TypeError('createHookQueue takes at least one plugin as before or after');
    }
    this.#sourceOf = sourceOf;
    this.queue = queue;
    this.limits = Object.fromEntries(
      Object.entries(bounds).map(([name, each]) => [
        name,
        wholeNumber(each, options[name as keyof HookQueueLimits] ?? each.default),
      ]),
    ) as HookQueueLimits;
  }

  /**
   * The plugins of a stage for a caller, as they are loaded now.
   *
   * @internal
   */
  choose(stage: HookStage, caller: Caller): ChosenStep[] {
    const choice = new StepChoice(this.#runtime.plugins(), this.#sourceOf);
    return this.#stepsOf(stage).flatMap((step) => {
      const { hook } = step;
      return choice.of(step, caller).map((each) => ({ hook, step: each }));
    });
  }

  /**
   * The hook of the plugins before an operation.
   *
   * @internal
   */
  get beforeHook(): string {
    return this.#stepsOf('before')[0].hook;
  }

  #stepsOf(stage: HookStage): readonly [JobPluginStep, ...JobPluginStep[]] {
    const steps = this.#steps[stage];
    if (steps.length === 0) {
      throw new TypeError(`a job of the hooks ${stage} an operation needs createHookQueue with ${stage}`);
    }
    return steps as [JobPluginStep, ...JobPluginStep[]];
  }
}

/**
 * Makes hooks whose calls are jobs of BullMQ, which any number of workers run (see {@link createHookWorker}).
 *
 * @param runtime - where the plugins are loaded. A job carries the digest of what is loaded when it is made
 * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
 */
export function createHookQueue(runtime: PluginList, options: HookQueueOptions): HookQueue {
  return new HookQueue(runtime, options);
}
