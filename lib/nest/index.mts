// A peer that is missing fails here, with an error that names it and can be caught. If only the `require` of CommonJS failed,
// Node.js 20 would also throw its error where nothing can catch it.
// oxlint-disable-next-line import/no-unassigned-import
import '@nestjs/common';
// oxlint-disable-next-line import/no-unassigned-import
import '@nestjs/core';
// oxlint-disable-next-line import/no-unassigned-import
import 'rxjs';

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
