// The values by name: a star would also export `__esModule`.
export {
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
