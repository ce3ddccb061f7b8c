// The values by name: a star would also export `__esModule`.
export { BegunHooks, createHooks, failureOf, HookProblem, HookRejection, hookStats, reject } from './index.js';
export type * from './index.js';
