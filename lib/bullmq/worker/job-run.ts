import type { Job } from 'bullmq';

import type { HookContext, WholeContext } from '../../calls/context.js';
import { warn } from '../../diagnostics.js';
import { HookcellError } from '../../errors.js';
import { redacted } from '../../grants/secrets.js';
import { parseHookJob } from '../hook-job.js';
import type { HookJob } from '../hook-job.js';
import { DeadLetters } from './dead-letters.js';
import { isForGood, JobPlugins } from './job-plugins.js';
import type { JobRuntime } from './job-plugins.js';
import { PluginAway } from './plugin-away.js';
import { TenantSlots } from './tenant-slots.js';
import type { DeadHook, HookWorkerSettings } from './worker-options.js';

/** A job waits so long for a slot of its tenant, and then so long in the queue, while the worker takes other jobs. */
const TENANT_WAIT_MS = 50;

/** Why a job does not end now: it waits. BullMQ knows this error by its name. */
function delayed(): Error {
  return Object.assign(new Error('it waits'), { name: 'DelayedError' });
}

/** Why a job is not tried again. BullMQ knows this error by its name. */
function finalError(message: string): Error {
  return Object.assign(new Error(message), { name: 'UnrecoverableError' });
}

/** Runs jobs, one at a time each. */
export class JobRun {
  readonly #runtime: JobRuntime;
  readonly #settings: HookWorkerSettings;
  readonly #slots: TenantSlots;
  readonly #plugins: JobPlugins;
  readonly dead: DeadLetters;
  /** Is told of a job that has ended. */
  readonly #ended: (tenant: string | null, id: string) => Promise<void>;

  constructor(
    runtime: JobRuntime,
    settings: HookWorkerSettings,
    ended: (tenant: string | null, id: string) => Promise<void>,
  ) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#slots = new TenantSlots(settings.maxPerTenant);
    this.#plugins = new JobPlugins(runtime, settings);
    this.dead = new DeadLetters(settings);
    this.#ended = ended;
  }

  /** Ends what can be done again elsewhere. */
  close(): void {
    this.#plugins.close();
  }

  /** Runs a job to its end. Throws what tells BullMQ that it has not ended, or ended without a result. */
  async process(job: Job, token: string | undefined): Promise<{ ok: boolean }> {
    const data = parseHookJob(job.data);
    const id = job.id ?? '';
    if (data === undefined) {
      warn(this.#settings.logger, `the job ${id} is none of hookcell's, and is not run`);
      throw finalError("it is none of hookcell's, or of a later version");
    }
    if (!(await this.#slots.enter(data.tenant, TENANT_WAIT_MS))) {
      return await this.#delay(job, token, TENANT_WAIT_MS);
    }
    try {
      return await this.#run(job, data, token);
    } finally {
      this.#slots.leave(data.tenant);
    }
  }

  async #run(job: Job, data: HookJob, token: string | undefined): Promise<{ ok: boolean }> {
    const { id = '' } = job;
    const { key, plugin, hook, tenant, limits } = data;
    const context = JSON.parse(data.context) as HookContext<any>;
    let result;
    try {
      result = await this.#plugins.with(plugin, (loaded) =>
        this.#runtime.callHook(loaded, hook, context, { ...limits, tenant: tenant ?? undefined }),
      );
    } catch (error) {
      return await this.#refused(job, data, token, error);
    }
    const about = { id, key, plugin, hook, context: context as WholeContext, earlierStarts: job.attemptsStarted - 1 };
    if (result.fault !== undefined) {
      const { message, code } = result.fault;
      // The queue keeps it, as a log does.
      const text = redacted(`${code}: ${message}`);
      throw this.#settings.onFault(result.fault, about) === 'retry' && hasAttempts(job)
        ? new Error(text)
        : await this.#die(id, data, 'faulted', text);
    }
    try {
      await this.#settings.onResult({ ...about, result });
    } catch (error) {
      const text = `onResult threw: ${String((error as Error | undefined)?.message ?? error)}`;
      throw hasAttempts(job) ? new Error(text, { cause: error }) : await this.#die(id, data, 'not-applied', text);
    }
    await this.#ended(tenant, id);
    return { ok: result.ok };
  }

  /** The host or the source refuses. Later it may not. */
  async #refused(job: Job, data: HookJob, token: string | undefined, error: unknown): Promise<never> {
    const { id = '', timestamp } = job;
    const { backoffMs, maxBackoffMs, maxWaitMs, logger } = this.#settings;
    if (!(error instanceof HookcellError || error instanceof PluginAway)) {
      throw error;
    }
    const { message } = error;
    if (isForGood(error)) {
      throw await this.#die(id, data, 'refused', message);
    }
    if (Date.now() - timestamp > maxWaitMs) {
      throw await this.#die(id, data, 'refused', `for longer than maxWaitMs (${maxWaitMs}): ${message}`);
    }
    const { refusals = 0 } = data;
    const delay = Math.min(backoffMs * 2 ** Math.min(refusals, 30), maxBackoffMs) * (0.5 + Math.random() / 2);
    await job.updateData({ ...data, refusals: refusals + 1 });
    warn(logger, `the job ${id} waits ${Math.round(delay)} ms: ${message}`);
    return await this.#delay(job, token, delay);
  }

  async #delay(job: Job, token: string | undefined, ms: number): Promise<never> {
    await job.moveToDelayed(Date.now() + Math.ceil(ms), token);
    throw delayed();
  }

  async #die(id: string, data: HookJob, why: DeadHook['why'], message: string): Promise<Error> {
    await this.dead.add(id, data, why, message);
    await this.#ended(data.tenant, id);
    return finalError(message);
  }
}

/** Whether a job that fails now is tried again. */
function hasAttempts({ attemptsMade, opts }: Job): boolean {
  return attemptsMade + 1 < (opts.attempts ?? 1);
}
