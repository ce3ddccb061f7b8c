import type { Job } from 'bullmq';

import type { ChainFaulted, ChainResult } from '../../calls/chain.js';
import type { Faulted, PluginResult } from '../../calls/result.js';
import { warn } from '../../diagnostics.js';
import { HookcellError } from '../../errors.js';
import { redacted } from '../../grants/secrets.js';
import { callChosen } from '../../hooks/choice/call-chosen.js';
import { parseHookJob } from '../hook-job.js';
import type { JobPlugin, ReadJob } from '../hook-job.js';
import { DeadLetters } from './dead-letters.js';
import type { Death } from './dead-letters.js';
import { isForGood, JobPlugins } from './job-plugins.js';
import type { CallablePlugin, JobRuntime } from './job-plugins.js';
import { PluginAway } from './plugin-away.js';
import { TenantSlots } from './tenant-slots.js';
import type { BeforeOutcome, DeadHook, FaultChoice, FaultedOutcome, HookWorkerSettings } from './worker-options.js';

/** How the plugins of a job ended: a chain, or one plugin. */
type JobResult = ChainResult<any> | PluginResult<any>;

/** What a chain tells of its end, besides the fault. */
type StoppedChain = Pick<ChainFaulted<any>, 'ctx' | 'steps'>;

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
  readonly #dead: DeadLetters;
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
    this.#dead = new DeadLetters(settings);
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

  /** A job whose workers ended again and again. */
  async stalled(id: string, data: ReadJob, message: string): Promise<void> {
    await this.#die(id, data, 'stalled', message);
  }

  async #run(job: Job, data: ReadJob, token: string | undefined): Promise<{ ok: boolean }> {
    const { stage, steps, tenant } = data;
    let result;
    try {
      if (stage === 'before' && this.#settings.onBefore === undefined) {
        throw new PluginAway('the worker has no onBefore');
      }
      const plugins = steps.map(({ plugin }) => plugin);
      result = await this.#plugins.with(plugins, tenant, (callable) => this.#call(data, callable));
    } catch (error) {
      return await this.#refused(job, data, token, error);
    }
    if (result.fault !== undefined) {
      throw await this.#faulted(job, data, result);
    }
    await this.#apply(job, data, result);
    await this.#ended(tenant, job.id ?? '');
    return { ok: result.ok };
  }

  #call({ stage, steps, hook, tenant, given }: ReadJob, callable: readonly CallablePlugin[]): Promise<JobResult> {
    const options = { tenant: tenant ?? undefined };
    const called = callable.map((each, index) => ({
      ...steps[index]?.limits,
      plugin: each.plugin,
      config: each.config,
    }));
    if (stage === 'after') {
      const [{ plugin, ...more }] = called as [CallablePlugin];
      return this.#runtime.callHook(plugin, hook, given, { ...more, ...options });
    }
    const chain = called.map((chained, index) => {
      const { onFault, onReject } = steps[index] ?? {};
      return { chained, onFault, onReject };
    });
    return callChosen(this.#runtime, chain, hook, given, options);
  }

  async #faulted(job: Job, data: ReadJob, result: Faulted & Partial<StoppedChain>): Promise<Error> {
    const { message, code } = result.fault;
    // The queue keeps it, as a log does.
    const text = redacted(`${code}: ${message}`);
    const at = result.steps === undefined ? 0 : result.steps.length - 1;
    const step = data.steps[at];
    const plugin = step?.plugin as JobPlugin;
    return this.#choiceFor(result.fault, { ...aboutOf(job, data), plugin }) === 'retry' && hasAttempts(job)
      ? new Error(text)
      : await this.#die(job.id ?? '', data, 'faulted', text, { step, context: result.ctx ?? data.given });
  }

  /** A function that throws decides nothing, and the job must not be lost for it. */
  #choiceFor(fault: Faulted['fault'], outcome: FaultedOutcome): FaultChoice {
    const { onFault, logger } = this.#settings;
    try {
      return onFault(fault, outcome);
    } catch (error) {
      warn(logger, `onFault threw for the job ${outcome.id}, which is tried again: ${String(error)}`);
      return 'retry';
    }
  }

  async #apply(job: Job, data: ReadJob, result: Exclude<JobResult, Faulted>): Promise<void> {
    const about = aboutOf(job, data);
    const plugins = data.steps.map(({ plugin }) => plugin);
    const [plugin] = plugins as [JobPlugin];
    const isBefore = data.stage === 'before';
    try {
      await (isBefore
        ? this.#settings.onBefore?.({ ...about, plugins, result: result as BeforeOutcome['result'] })
        : this.#settings.onResult({ ...about, plugin, result }));
    } catch (error) {
      const reason = String((error as Error | undefined)?.message ?? error);
      const text = redacted(`${isBefore ? 'onBefore' : 'onResult'} threw: ${reason}`);
      throw hasAttempts(job)
        ? new Error(text, { cause: error })
        : await this.#die(job.id ?? '', data, 'not-applied', text);
    }
  }

  /** The host or the source refuses. Later it may not. */
  async #refused(job: Job, data: ReadJob, token: string | undefined, error: unknown): Promise<never> {
    const { id = '', timestamp } = job;
    const { backoffMs, maxBackoffMs, maxWaitMs, logger } = this.#settings;
    const message = redacted(String((error as Error | undefined)?.message ?? error));
    if (isForGood(error)) {
      throw await this.#die(id, data, 'refused', message);
    }
    if (!(error instanceof HookcellError || error instanceof PluginAway)) {
      throw hasAttempts(job) ? new Error(message) : await this.#die(id, data, 'refused', message);
    }
    if (Date.now() - timestamp > maxWaitMs) {
      throw await this.#die(id, data, 'refused', `for longer than maxWaitMs (${maxWaitMs}): ${message}`);
    }
    const { refusals = 0 } = data;
    const delay = Math.min(backoffMs * 2 ** Math.min(refusals, 30), maxBackoffMs) * (0.5 + Math.random() / 2);
    const { given: _, ...written } = data;
    await job.updateData({ ...written, refusals: refusals + 1 });
    warn(logger, `the job ${id} waits ${Math.round(delay)} ms: ${message}`);
    return await this.#delay(job, token, delay);
  }

  async #delay(job: Job, token: string | undefined, ms: number): Promise<never> {
    await job.moveToDelayed(Date.now() + Math.ceil(ms), token);
    throw delayed();
  }

  async #die(
    id: string,
    data: ReadJob,
    why: DeadHook['why'],
    message: string,
    at?: Pick<Death, 'step' | 'context'>,
  ): Promise<Error> {
    const { step, context } = at ?? { step: data.steps[0], context: data.given };
    await this.#dead.add(id, data, { step, context, why, message });
    await this.#ended(data.tenant, id);
    return finalError(message);
  }
}

/** What an outcome tells of its job. */
function aboutOf({ id = '', attemptsStarted }: Job, { key, hook, given }: ReadJob) {
  return { id, key, hook, context: given, earlierStarts: attemptsStarted - 1 };
}

/** Whether a job that fails now is tried again. */
function hasAttempts({ attemptsMade, opts }: Job): boolean {
  return attemptsMade + 1 < (opts.attempts ?? 1);
}
