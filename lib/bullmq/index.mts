// A peer that is missing fails here, with an error that names it and can be caught. If only the `require` of CommonJS failed,
// Node.js 20 would also throw its error where nothing can catch it.
// oxlint-disable-next-line import/no-unassigned-import
import 'bullmq';

// The values by name: a star would also export `__esModule`.
export { createHookQueue, createHookWorker, enqueueAfter, HookQueue, HookWorker } from './index.js';
export type * from './index.js';
