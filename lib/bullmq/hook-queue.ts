import type { Queue } from 'bullmq';

import type { PluginInfo } from '../loads/plugin-info.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { HookChain } from '../hooks/hook-step.js';
import { fileKey } from '../hooks/failure/missing-hooks.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import { parseSteps } from '../hooks/parsed-step.js';
import type { ParsedPluginStep } from '../hooks/parsed-step.js';
import type { WasmRuntime } from '../runtime.js';
import { HookcellError } from '../errors.js';
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
   * The plugins, each of which gets a job of its own: they see the data as it was, and not what the others make of it. A plugin is
   * chosen when the job is made. A function of the server cannot be among them, because a job cannot carry it.
   */
  after: HookChain<any, any, any>;

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

/** A plugin for a job, as it is loaded now. */
export interface ChosenPlugin {
  readonly step: ParsedPluginStep;
  readonly info: PluginInfo;
  readonly source: string | undefined;
}

/** Hooks whose calls are jobs. Made by {@link createHookQueue}. */
export class HookQueue {
  readonly #runtime: PluginList;
  readonly #steps: readonly ParsedPluginStep[];
  readonly #sourceOf: HookQueueOptions['sourceOf'];
  /** @internal */
  readonly queue: Queue;
  /** @internal */
  readonly limits: HookQueueLimits;

  /** @internal */
  constructor(runtime: PluginList, options: HookQueueOptions) {
    refuseUnknownOptions('createHookQueue', options, ['queue', 'after', 'sourceOf', ...Object.keys(bounds)]);
    const { queue, after, sourceOf } = options;
    if (typeof (queue as Partial<Queue> | undefined)?.addBulk !== 'function') {
      throw new TypeError(`queue must be a Queue of bullmq, got ${kindOf(queue)}`);
    }
    if (sourceOf !== undefined && typeof sourceOf !== 'function') {
      throw new TypeError(`sourceOf must be a function, got ${kindOf(sourceOf)}`);
    }
    this.#runtime = runtime;
    this.#steps = parseSteps('after', after, {}).map((step) => {
      if (!('plugin' in step)) {
        throw new TypeError(`${step.name} must be a plugin: a job can carry neither a function nor a plugin set`);
      }
      return step;
    });
    if (this.#steps.length === 0) {
      throw new TypeError('createHookQueue takes at least one plugin as after');
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
   * The plugins for a caller, as they are loaded now.
   *
   * @internal
   */
  choose(caller: Parameters<Extract<ParsedPluginStep['plugin'], (...given: any) => unknown>>[0]): ChosenPlugin[] {
    const infos = new Map(this.#runtime.plugins().map((info) => [info.key, info]));
    return this.#steps.flatMap((step) => {
      const chosen = typeof step.plugin === 'function' ? step.plugin(caller) : step.plugin.key;
      if (chosen === undefined) {
        return [];
      }
      const key = pluginKey(chosen);
      const info = infos.get(key) ?? infos.get(fileKey(key));
      if (info === undefined) {
        throw new HookcellError('ERR_NOT_LOADED', `${step.name} is ${JSON.stringify(key)}, which is not loaded`);
      }
      if (!info.hooks.includes(step.hook)) {
        throw new HookcellError('ERR_NO_HOOK', `${step.name}: ${JSON.stringify(key)} has no hook ${step.hook}`);
      }
      return [{ step, info, source: this.#sourceOf?.(info) }];
    });
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
