import { Worker } from 'bullmq';

import { giveWorkerClass } from './worker/worker-class.js';

giveWorkerClass(Worker);

// The values by name: a star would also export `__esModule`.
export { createHookQueue, createHookWorker, enqueueAfter, enqueueBefore, HookQueue, HookWorker } from './jobs.js';
export type * from './jobs.js';
