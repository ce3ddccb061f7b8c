export { hookcell as default, hookcell, HookProblem, HookRejection, hookStats, reject, withHooks } from './index.js';
export type * from './index.js';
