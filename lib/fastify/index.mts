export {
  hookcell as default,
  hookcell,
  failureOf,
  HookProblem,
  HookRejection,
  hookStats,
  reject,
  withHooks,
} from './index.js';
export type * from './index.js';
