// The values by their names: a star would take `__esModule` along.
export { HookProblem, HookRejection, hookStats, problemHandler, reject, wasmHooks } from './express.js';
export type * from './express.js';
