import { setTimeout as wait } from 'node:timers/promises';

import type { BulkJobOptions } from 'bullmq';

import { checkContext, encodeContext } from '../calls/context.js';
import type { HookContext } from '../calls/context.js';
import { HookcellError } from '../errors.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import type { CallLimits } from '../options/call-options.js';
import { kindOf } from '../values/value-kind.js';
import type { ChosenPlugin, HookQueue } from './hook-queue.js';
import { jobId, nonce } from './hook-job.js';
import type { HookJob } from './hook-job.js';
import { joinQueue, leaveQueue } from './tenant-turns.js';

/** A call for later. */
export interface HookCallJob {
  /**
   * Names the operation whose result the hooks see, such as `order-42`: 1 to 256 characters. A job with the same key, plugin and hook
   * is added once, and {@link HookOutcome.key} tells a worker's `onResult` what it has applied before.
   */
  key: string;
  /** What the hooks see, with the `data` that the operation returned. */
  context: HookContext<any>;
}

/** A job that the queue has acknowledged. */
export interface EnqueuedHook {
  /** Its id in the queue. */
  readonly id: string;
  /** The plugin that it calls. */
  readonly plugin: string;
  /** Whether the queue had the job already. Then nothing was added. */
  readonly duplicate: boolean;
  /** Whether a duplicate has the same context. If not, the key was used for something else. */
  readonly sameContext: boolean;
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
  refuseUnknownOptions('the job', job, ['key', 'context']);
  const { key, context } = job;
  if (typeof key !== 'string' || key.length === 0 || key.length > 256 || !key.isWellFormed()) {
    throw new TypeError(`key must be a string of 1 to 256 characters, got ${kindOf(key)}`);
  }
  const checked = checkContext(context);
  const text = encodeContext(checked);
  const { maxJobBytes, enqueueTimeoutMs } = hooks.limits;
  const bytes = Buffer.byteLength(text);
  if (bytes > maxJobBytes) {
    throw new HookcellError(
      'ERR_LIMIT',
      `the context has ${bytes} bytes, and a job ${maxJobBytes} at most (maxJobBytes)`,
    );
  }
  const chosen = hooks.choose(checked.whole);
  const jobs = chosen.map((each) => jobOf(each, key, text, checked.whole.tenant_id));
  if (jobs.length === 0) {
    return [];
  }
  return await within(enqueueTimeoutMs, add(hooks, jobs));
}

function jobOf({ step, info, source }: ChosenPlugin, key: string, context: string, tenant: string | null): HookJob {
  const { version } = info.metadata ?? {};
  return {
    format: 1,
    key,
    plugin: {
      name: info.key,
      sha256: info.sha256,
      ...(typeof version === 'string' && version.length <= 64 && { version }),
      ...(source !== undefined && { source }),
    },
    hook: step.hook,
    context,
    tenant,
    ...(step.limits !== undefined && { limits: step.limits as CallLimits }),
    nonce: nonce(),
  };
}

async function add(hooks: HookQueue, jobs: readonly HookJob[]): Promise<EnqueuedHook[]> {
  const { queue, limits } = hooks;
  const ids = jobs.map(({ key, plugin, hook }) => jobId(key, plugin.name, hook));
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
    jobs.map(async ({ plugin, nonce: own, context }, index) => {
      const id = ids[index] ?? '';
      const there = (await queue.getJob(id))?.data as HookJob | undefined;
      const duplicate = there !== undefined && there.nonce !== own;
      if (duplicate) {
        await leaveIfDone(hooks, there.tenant, id);
      }
      return { id, plugin: plugin.name, duplicate, sameContext: !duplicate || there.context === context };
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
