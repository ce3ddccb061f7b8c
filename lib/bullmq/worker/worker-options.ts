import type { BackendFactory, WorkerOptions } from 'bullmq';

import type { ChainAccepted, ChainRejected } from '../../calls/chain.js';
import type { Accepted, Faulted, Rejected } from '../../calls/result.js';
import type { WholeContext } from '../../calls/context.js';
import { parseLogger } from '../../diagnostics.js';
import type { Logger } from '../../diagnostics.js';
import type { VersionSource } from '../../hooks/choice/plugin-choice.js';
import { refuseUnknownOptions } from '../../hooks/options/option-names.js';
import { parseDirectory } from '../../options/directory.js';
import { parseIsolate } from '../../options/isolate.js';
import type { IsolateOptions } from '../../options/isolate.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import { wholeNumber } from '../../values/whole-number.js';
import type { Bounds } from '../../values/whole-number.js';
import type { JobPlugin } from '../hook-job.js';
import type { JobSource } from './job-source.js';

/** What a hook answered, for the server to apply. */
export interface HookOutcome {
  /** The id of the job. */
  readonly id: string;
  /**
   * The key that the job was added with. The same key, plugin and hook may come again, if a worker ended after it had applied the
   * result and before it could say so: apply it once.
   */
  readonly key: string;
  readonly plugin: JobPlugin;
  readonly hook: string;
  /** The context as it was when the job was added. */
  readonly context: WholeContext;
  /** The plugin's answer: accepted, with its changes in `ctx`, or rejected. Faults never come here. */
  readonly result: Accepted<any> | Rejected;
  /** How often the job was started before, on this worker or another. */
  readonly earlierStarts: number;
}

/** How the hooks before an operation ended, for the server to do the operation. */
export interface BeforeOutcome extends Omit<HookOutcome, 'plugin' | 'result'> {
  /**
   * The key that the job was added with. The same key and hook may come again, if a worker ended after it had done the operation and
   * before it could say so: do it once.
   */
  readonly key: string;
  /** The plugins of the job, in order. */
  readonly plugins: readonly JobPlugin[];
  /** All plugins accepted, with the input as they left it in `ctx`; or the last of the `steps` rejected. Faults never come here. */
  readonly result: ChainAccepted<any> | ChainRejected<any>;
}

/** A job whose plugin faulted, before its end is decided. */
export type FaultedOutcome = Omit<HookOutcome, 'result'>;

/** A job that will not be tried again. */
export interface DeadHook {
  readonly id: string;
  readonly key: string;
  /** The plugin that failed, or the first one of the job. `null` if the job has none. */
  readonly plugin: JobPlugin | null;
  readonly hook: string;
  /** The context that this plugin got. */
  readonly context: WholeContext;
  /**
   * `faulted`: the plugin failed. `refused`: the host or the source refused it for good, or for longer than `maxWaitMs`. `not-applied`:
   * `onResult` or `onBefore` threw too often. `stalled`: its workers ended again and again while they ran it.
   */
  readonly why: 'faulted' | 'refused' | 'not-applied' | 'stalled';
  /** What happened, for a log. */
  readonly message: string;
}

/** What happens to a job whose plugin faults. */
export type FaultChoice = 'retry' | 'dead';

/** How a worker runs jobs. */
export interface HookWorkerOptions {
  /** The name of the queue. */
  queue: string;

  /** Options of BullMQ's `Worker`: `connection`, `prefix`, `metrics` and others, except those that have a name of their own here. */
  bullmq: Omit<WorkerOptions<any>, 'concurrency' | 'lockDuration' | 'maxStalledCount' | 'autorun'>;

  /** Where the queue is, if it is not in Redis: `createPostgresBackend` of BullMQ. */
  backend?: BackendFactory<any, any> | undefined;

  /**
   * Gets the module of a plugin that this process has not loaded under the name in the job. Its digest is checked before anything
   * else. Such a plugin has no configuration. Default: a job whose plugin is not loaded under its name waits for a worker that has it.
   */
  source?: JobSource | undefined;

  /**
   * A plugin set of the same runtime, made by `openPlugins` of `hookcell/plugins` and closed by you: a job of a set's plugin runs the very
   * version that was chosen when it was made, with its limits, configuration and grants. If the set does not have that version, the job
   * waits. Default none: then such a job runs only if its module alone decides what it does, and comes from `source`.
   */
  plugins?: VersionSource | undefined;

  /** Applies the result of a hook after an operation. If it throws, the job is tried again. It may get the same result twice. */
  onResult: (outcome: HookOutcome) => unknown;

  /**
   * Does the operation that {@link enqueueBefore} was called for, with the input as the hooks left it, or tells of their rejection. If it
   * throws, the job is tried again. It may get the same result twice. Default: such jobs wait for a worker that has it.
   */
  onBefore?: ((outcome: BeforeOutcome) => unknown) | undefined;

  /** Is told of a job that will not be tried again, at least once. Default: a line in the log. */
  onDead?: ((dead: DeadHook) => unknown) | undefined;

  /**
   * What happens if a plugin faults. Default: `retry` after `ERR_TIMEOUT`, because the machine may have been busy, and `dead` for all
   * others, because a plugin that gets the same context fails again.
   */
  onFault?: FaultChoice | ((fault: Faulted['fault'], outcome: FaultedOutcome) => FaultChoice) | undefined;

  /** A folder for dead jobs as fixtures, which `hookcell replay` runs again. They contain whole contexts. Default none. */
  deadLetterDir?: string | URL | undefined;

  /** The most jobs that run at the same time. Default 4, 1 to 1,000. */
  concurrency?: number | undefined;

  /** The most jobs of one tenant that run at the same time here. Default one less than `concurrency`, and at least 1; 1 to 1,000. */
  maxPerTenant?: number | undefined;

  /** The wait before a job is tried again that the host refused, in milliseconds. It doubles each time. Default 1,000, 1 to 3,600,000. */
  backoffMs?: number | undefined;

  /** The longest such wait, in milliseconds. Default 60,000, 1 to 86,400,000. */
  maxBackoffMs?: number | undefined;

  /** How long a job may be refused, since it was added, in milliseconds. Default 86,400,000 (a day), 1 to 2,592,000,000 (30 days). */
  maxWaitMs?: number | undefined;

  /** After this time without a sign of life of its worker, a job is given to another one, in milliseconds. Default 30,000, 1,000 to 3,600,000. */
  lockMs?: number | undefined;

  /** How often a job is given to another worker because its own ended. Default 10, 1 to 1,000. */
  maxStalled?: number | undefined;

  /** The most plugins that the worker keeps loaded. Default 256, 1 to 100,000. */
  maxPlugins?: number | undefined;

  /** The most bytes that are taken from `source`. Default 67,108,864 (64 MiB), 8 to 268,435,456 (256 MiB). */
  maxSourceBytes?: number | undefined;

  /** The most time that `source` may take, in milliseconds. Default 30,000, 1 to 3,600,000. */
  sourceTimeoutMs?: number | undefined;

  /** Where plugins from `source` are compiled, as for a load of bytes. Default `true`: in a child process. */
  isolate?: boolean | IsolateOptions | undefined;

  /** Gets a line when a job is delayed or dead, and when the server of the queue could lose jobs. Default `console`. */
  logger?: Logger | false | undefined;
}

const bounds = {
  concurrency: { name: 'createHookWorker.concurrency', min: 1, max: 1_000, default: 4 },
  maxPerTenant: { name: 'createHookWorker.maxPerTenant', min: 1, max: 1_000 },
  backoffMs: { name: 'createHookWorker.backoffMs', min: 1, max: 3_600_000, default: 1_000 },
  maxBackoffMs: { name: 'createHookWorker.maxBackoffMs', min: 1, max: 86_400_000, default: 60_000 },
  maxWaitMs: { name: 'createHookWorker.maxWaitMs', min: 1, max: 2_592_000_000, default: 86_400_000 },
  lockMs: { name: 'createHookWorker.lockMs', min: 1_000, max: 3_600_000, default: 30_000 },
  maxStalled: { name: 'createHookWorker.maxStalled', min: 1, max: 1_000, default: 10 },
  maxPlugins: { name: 'createHookWorker.maxPlugins', min: 1, max: 100_000, default: 256 },
  maxSourceBytes: { name: 'createHookWorker.maxSourceBytes', min: 8, max: 268_435_456, default: 67_108_864 },
  sourceTimeoutMs: { name: 'createHookWorker.sourceTimeoutMs', min: 1, max: 3_600_000, default: 30_000 },
} as const satisfies Record<string, Bounds>;

type Limits = Record<keyof typeof bounds, number>;

/** The options of a worker, checked. */
export interface HookWorkerSettings
  extends Limits, Pick<HookWorkerOptions, 'source' | 'plugins' | 'onResult' | 'onBefore' | 'onDead'> {
  readonly onFault: Exclude<HookWorkerOptions['onFault'], string | undefined>;
  readonly deadLetterDir: string | undefined;
  readonly isolate: boolean | IsolateOptions;
  readonly logger: Logger | undefined;
}

const otherNames = [
  'queue',
  'bullmq',
  'backend',
  'source',
  'plugins',
  'onResult',
  'onBefore',
  'onDead',
  'onFault',
  'deadLetterDir',
  'isolate',
];

/** Reads the options of a worker. */
export function parseWorkerOptions(options: HookWorkerOptions): HookWorkerSettings {
  refuseUnknownOptions('createHookWorker', options, [...otherNames, 'logger', ...Object.keys(bounds)]);
  const { queue, bullmq, source, plugins, onResult, onBefore, onDead, deadLetterDir, isolate = true } = options;
  if (typeof queue !== 'string') {
    throw new TypeError(`queue must be the name of a queue, got ${kindOf(queue)}`);
  }
  if (!isRecord(bullmq)) {
    throw new TypeError(`bullmq must be an object with a connection, got ${kindOf(bullmq)}`);
  }
  for (const [name, value] of Object.entries({ onResult, source, onBefore, onDead })) {
    if (typeof value !== 'function' && (name === 'onResult' || value !== undefined)) {
      throw new TypeError(`${name} must be a function, got ${kindOf(value)}`);
    }
  }
  if (plugins !== undefined && typeof (plugins as Partial<VersionSource> | null)?.holdVersion !== 'function') {
    throw new TypeError(`plugins must be a plugin set, got ${kindOf(plugins)}`);
  }
  parseIsolate(isolate, true);
  const { concurrency = bounds.concurrency.default } = options;
  const given = { ...options, maxPerTenant: options.maxPerTenant ?? Math.max(1, concurrency - 1) };
  const limits = Object.entries(bounds).map(([name, each]) => [
    name,
    wholeNumber(each, given[name as keyof Limits] ?? (each as Bounds).default),
  ]);
  return {
    ...(Object.fromEntries(limits) as Limits),
    source,
    plugins,
    onResult,
    onBefore,
    onDead,
    onFault: parseOnFault(options.onFault),
    deadLetterDir: deadLetterDir === undefined ? undefined : parseDirectory('deadLetterDir', deadLetterDir),
    isolate,
    logger: parseLogger(options.logger),
  };
}

function parseOnFault(onFault: HookWorkerOptions['onFault']): HookWorkerSettings['onFault'] {
  if (typeof onFault === 'function') {
    return onFault;
  }
  if (onFault !== undefined && onFault !== 'retry' && onFault !== 'dead') {
    throw new TypeError(`onFault must be 'retry', 'dead' or a function, got ${kindOf(onFault)}`);
  }
  return (fault) => onFault ?? (fault.code === 'ERR_TIMEOUT' ? 'retry' : 'dead');
}
