import { setTimeout as wait } from 'node:timers/promises';

import type { BulkJobOptions } from 'bullmq';

import type { Caller } from '../calls/caller.js';
import { checkContext, encodeContext } from '../calls/context.js';
import type { HookContext } from '../calls/context.js';
import { HookcellError } from '../errors.js';
import type { HookStage } from '../hooks/failure/failure.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import { kindOf } from '../values/value-kind.js';
import type { HookQueue } from './hook-queue.js';
import { jobId, MOST_STEPS, nonce } from './hook-job.js';
import type { HookJob, JobStep } from './hook-job.js';
import { joinQueue, leaveQueue } from './tenant-turns.js';

/** A call for later. */
export interface HookCallJob {
  /**
   * Names the operation that the hooks are about, such as `order-42`: 1 to 256 characters. A job with the same key, plugin and hook
   * is added once, and a worker's `onResult` and `onBefore` get the key to know what they have applied before.
   */
  key: string;
  /** What the hooks see: for hooks after an operation, with the `data` that it returned. */
  context: HookContext<any>;
}

/** A job that the queue has acknowledged. */
export interface EnqueuedJob {
  /** Its id in the queue. */
  readonly id: string;
  /** Whether the queue had the job already. Then nothing was added. */
  readonly duplicate: boolean;
  /** Whether a duplicate has the same context. If not, the key was used for something else. */
  readonly sameContext: boolean;
}

/** A job of one plugin that the queue has acknowledged. */
export interface EnqueuedHook extends EnqueuedJob {
  /** The plugin that it calls. */
  readonly plugin: string;
}

/**
 * Adds a job for each plugin of the hooks. Call it after the operation is committed. When the promise resolves, the queue has the
 * jobs.
 *
 * ```ts
 * const order = await prisma.order.create({ data });
 * await enqueueAfter(hooks, { key: `order-${order.id}`, context: { input, data: order, tenant_id: tenant } });
 * ```
 *
 * @returns the jobs, in the order of the plugins
 * @throws {@link HookcellError} `ERR_NOT_LOADED`, `ERR_NO_HOOK`, `ERR_CONTEXT`, or `ERR_LIMIT` if the context is larger than
 * `maxJobBytes`; an error of the queue; or an error of the name `TimeoutError` after `enqueueTimeoutMs`. After one of the last two
 * the job may have been added, and adding it again with the same key is safe
 */
export async function enqueueAfter(hooks: HookQueue, job: HookCallJob): Promise<EnqueuedHook[]> {
  const call = parseJob(hooks, job);
  const jobs = hooks.choose('after', call.caller).map(({ hook, step }) => jobOf(call, 'after', hook, [step]));
  if (jobs.length === 0) {
    return [];
  }
  const added = await within(hooks.limits.enqueueTimeoutMs, add(hooks, jobs));
  return added.map((each, index) => Object.assign(each, { plugin: jobs[index]?.steps[0]?.plugin.name ?? '' }));
}

/**
 * Adds one job with all plugins before an operation, which is heavy work that the request does not wait for. A worker gives the input as
 * they leave it, or their rejection, to its `onBefore`, which does the operation. If no plugin is for the caller, `onBefore` gets the
 * input as it is.
 *
 * ```ts
 * await enqueueBefore(hooks, { key: `import-${id}`, context: { input, tenant_id: tenant } });
 * response.status(202).end();
 * ```
 *
 * @returns the job
 * @throws as {@link enqueueAfter}
 */
export async function enqueueBefore(hooks: HookQueue, job: HookCallJob): Promise<EnqueuedJob> {
  const call = parseJob(hooks, job);
  const steps = hooks.choose('before', call.caller).map(({ step }) => step);
  if (steps.length > MOST_STEPS) {
    throw new HookcellError('ERR_LIMIT', `the job has ${steps.length} plugins, and ${MOST_STEPS} are the most`);
  }
  const [added] = await within(
    hooks.limits.enqueueTimeoutMs,
    add(hooks, [jobOf(call, 'before', hooks.beforeHook, steps)]),
  );
  return added as EnqueuedJob;
}

/** A call for later, checked. */
interface ParsedJob {
  readonly key: string;
  readonly text: string;
  readonly caller: Caller;
}

function parseJob(hooks: HookQueue, job: HookCallJob): ParsedJob {
  refuseUnknownOptions('the job', job, ['key', 'context']);
  const { key, context } = job;
  if (typeof key !== 'string' || key.length === 0 || key.length > 256 || !key.isWellFormed()) {
    throw new TypeError(`key must be a string of 1 to 256 characters, got ${kindOf(key)}`);
  }
  const checked = checkContext(context);
  const text = encodeContext(checked);
  const { maxJobBytes } = hooks.limits;
  const bytes = Buffer.byteLength(text);
  if (bytes > maxJobBytes) {
    throw new HookcellError(
      'ERR_LIMIT',
      `the context has ${bytes} bytes, and a job ${maxJobBytes} at most (maxJobBytes)`,
    );
  }
  return { key, text, caller: checked.whole };
}

function jobOf({ key, text, caller }: ParsedJob, stage: HookStage, hook: string, steps: readonly JobStep[]): HookJob {
  return { format: 2, stage, key, steps, hook, context: text, tenant: caller.tenant_id, nonce: nonce() };
}

function idOf({ stage, key, steps, hook }: HookJob): string {
  return jobId(key, stage === 'before' ? undefined : steps[0]?.plugin.name, hook);
}

async function add(hooks: HookQueue, jobs: readonly HookJob[]): Promise<EnqueuedJob[]> {
  const { queue, limits } = hooks;
  const ids = jobs.map(idOf);
  const turns = await joinQueue(queue, jobs[0]?.tenant ?? null, ids);
  await queue.addBulk(
    jobs.map((data, index) => ({
      name: data.hook,
      data,
      opts: optionsOf(limits, ids[index] ?? '', turns[index] ?? 0),
    })),
  );
  // BullMQ says nothing of an id that it has already, so this looks.
  return await Promise.all(
    jobs.map(async ({ nonce: own, context }, index) => {
      const id = ids[index] ?? '';
      const there = (await queue.getJob(id))?.data as HookJob | undefined;
      const duplicate = there !== undefined && there.nonce !== own;
      if (duplicate) {
        await leaveIfDone(hooks, there.tenant, id);
      }
      return { id, duplicate, sameContext: !duplicate || there.context === context };
    }),
  );
}

/** A duplicate of a job that has ended joined the queue again. */
async function leaveIfDone({ queue }: HookQueue, tenant: string | null, id: string): Promise<void> {
  const state = await queue.getJobState(id);
  if (state === 'completed' || state === 'failed' || state === 'unknown') {
    await leaveQueue(queue, tenant, id);
  }
}

function optionsOf({ attempts, backoffMs, keepMs }: HookQueue['limits'], id: string, turn: number): BulkJobOptions {
  return {
    jobId: id,
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    // A dead job stays until someone looks at it.
    removeOnFail: false,
    removeOnComplete: keepMs === 0 ? true : { age: Math.ceil(keepMs / 1_000) },
    ...(turn > 0 && { priority: turn }),
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = wait(ms, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new DOMException(`the queue took longer than ${ms} ms (enqueueTimeoutMs)`, 'TimeoutError');
  });
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
