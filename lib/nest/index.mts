// The values by their names: a star would take `__esModule` along.
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
