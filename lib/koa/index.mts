// The values by name: a star would also export `__esModule`.
export { failureOf, HookProblem, HookRejection, hookStats, problemHandler, reject, wasmHooks } from './index.js';
export type * from './index.js';
