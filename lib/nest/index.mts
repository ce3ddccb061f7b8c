// The values by name: a star would also export `__esModule`.
export {
  failureOf,
  HookcellModule,
  HookcellService,
  HookException,
  HookExceptionFilter,
  HookProblem,
  HookRejection,
  hookStats,
  reject,
  UseHooks,
} from './index.js';
export type * from './index.js';
