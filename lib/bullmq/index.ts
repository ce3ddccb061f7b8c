import { Worker } from 'bullmq';

import { giveWorkerClass } from './worker/worker-class.js';

giveWorkerClass(Worker);

export * from './jobs.js';
