import type { Job, Worker } from 'bullmq';

import { warn } from '../../diagnostics.js';
import { parseHookJob } from '../hook-job.js';
import { leaveQueue } from '../tenant-turns.js';
import { risksOf } from './durability.js';
import type { JobRuntime } from './job-plugins.js';
import { JobRun } from './job-run.js';
import { workerClass } from './worker-class.js';
import { parseWorkerOptions } from './worker-options.js';
import type { HookWorkerOptions, HookWorkerSettings } from './worker-options.js';

/** An error of the connection is logged once in this time. */
const ERROR_EVERY_MS = 10_000;

/** A worker that runs the jobs of hooks. Made by {@link createHookWorker}. */
export class HookWorker {
  readonly #settings: HookWorkerSettings;
  readonly #run: JobRun;
  #saidError = -Infinity;

  /** BullMQ's worker, for its events. */
  readonly worker: Worker;

  /** @internal */
  constructor(runtime: JobRuntime, options: HookWorkerOptions) {
    const settings = parseWorkerOptions(options);
    const { concurrency, lockMs: lockDuration, maxStalled: maxStalledCount } = settings;
    this.#settings = settings;
    // It is forgotten in time if that fails, and must not be run again for it.
    this.#run = new JobRun(runtime, settings, (tenant, id) =>
      leaveQueue(this.worker, tenant, id).catch(() => undefined),
    );
    const workerOptions = {
      stalledInterval: lockDuration,
      ...options.bullmq,
      concurrency,
      lockDuration,
      maxStalledCount,
    };
    const process = (job: Job, token?: string) => this.#run.process(job, token);
    const WorkerClass = workerClass();
    this.worker =
      options.backend === undefined
        ? new WorkerClass(options.queue, process, workerOptions)
        : (new WorkerClass<any, any, string, any, any>(
            options.queue,
            process,
            workerOptions,
            options.backend,
          ) as Worker);
    this.worker.on('error', (error) => this.#connectionError(error));
    this.worker.on('failed', (job, error) => void this.#failed(job, error));
  }

  /**
   * Resolves when the worker is connected, with what could lose jobs that the server of the queue has acknowledged. It logs each of
   * these risks.
   */
  async ready(): Promise<string[]> {
    await this.worker.waitUntilReady();
    const risks = await risksOf(this.worker);
    for (const risk of risks) {
      warn(this.#settings.logger, risk);
    }
    return risks;
  }

  /**
   * Takes no more jobs, and resolves when those that run have ended.
   *
   * @param options - with `force`, it does not wait: other workers get the jobs after `lockMs`
   */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    this.#run.close();
    await this.worker.close(force);
  }

  /** The same as {@link HookWorker.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A job whose workers ended again and again did not die in {@link JobRun}. */
  async #failed(job: Job | undefined, error: Error): Promise<void> {
    const data = parseHookJob(job?.data);
    if (job?.id !== undefined && data !== undefined && error.message.startsWith('job stalled')) {
      await this.#run.stalled(job.id, data, error.message);
    }
  }

  #connectionError(error: Error): void {
    const now = performance.now();
    if (now - this.#saidError > ERROR_EVERY_MS) {
      this.#saidError = now;
      warn(this.#settings.logger, `the connection to the queue fails: ${error.message}`);
    }
  }
}

/**
 * Makes a worker that runs the jobs which {@link enqueueAfter} added, anywhere. It starts at once.
 *
 * Each job is run at least once. A job is not lost if a worker ends, and a result may come to `onResult` twice.
 *
 * ```ts
 * const worker = createHookWorker(runtime, {
 *   queue: 'hooks',
 *   bullmq: { connection: { host: 'redis' } },
 *   source: async ({ sha256 }) => new Uint8Array(await (await fetch(`https://plugins.example/${sha256}`)).arrayBuffer()),
 *   onResult: ({ key, result }) => result.ok && prisma.order.update({ where: { key, applied: false }, data: … }),
 * });
 * await worker.ready();
 * ```
 *
 * @param runtime - where the plugins are called, and loaded if they come from `source`
 * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
 */
export function createHookWorker(runtime: JobRuntime, options: HookWorkerOptions): HookWorker {
  return new HookWorker(runtime, options);
}
