// The values by their names: a star would take `__esModule` along.
export { HookProblem, HookRejection, hookStats, problemHandler, reject, wasmHooks } from './index.js';
export type * from './index.js';
