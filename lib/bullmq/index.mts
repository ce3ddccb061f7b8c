// The values by name: a star would also export `__esModule`.
export { createHookQueue, createHookWorker, enqueueAfter, HookQueue, HookWorker } from './index.js';
export type * from './index.js';
