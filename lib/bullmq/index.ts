export { enqueueAfter } from './enqueue.js';
export type { EnqueuedHook, HookCallJob } from './enqueue.js';
export type { JobPlugin } from './hook-job.js';
export { createHookQueue, HookQueue } from './hook-queue.js';
export type { HookQueueOptions } from './hook-queue.js';
export { createHookWorker, HookWorker } from './worker/hook-worker.js';
export type { JobEntry, JobSource, JobSourceRequest } from './worker/job-source.js';
export type { DeadHook, FaultChoice, HookOutcome, HookWorkerOptions } from './worker/worker-options.js';
