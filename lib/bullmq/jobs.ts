export { enqueueAfter, enqueueBefore } from './enqueue.js';
export type { EnqueuedHook, EnqueuedJob, HookCallJob } from './enqueue.js';
export type { JobPlugin, JobVersion } from './hook-job.js';
export { createHookQueue, HookQueue } from './hook-queue.js';
export type { HookQueueOptions } from './hook-queue.js';
export { createHookWorker, HookWorker } from './worker/hook-worker.js';
export type { JobEntry, JobSource, JobSourceRequest } from './worker/job-source.js';
export type {
  BeforeOutcome,
  DeadHook,
  FaultChoice,
  FaultedOutcome,
  HookOutcome,
  HookWorkerOptions,
} from './worker/worker-options.js';
