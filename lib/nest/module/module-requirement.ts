import { Inject, Injectable, Optional } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';

import { HOOKED_ROUTES } from './module-options.js';
import { refuseOtherThanHttp } from '../transport.js';
import type { HookedRoutes } from '../hooked-routes.js';

/**
 * An interceptor of every handler or class with hooks. It fails the start of an application that would never run them, and
 * each call for which they have not run.
 */
@Injectable()
export class ModuleRequirement implements NestInterceptor {
  readonly #routes: Pick<HookedRoutes, 'of' | 'hasRun'>;

  constructor(@Optional() @Inject(HOOKED_ROUTES) routes?: unknown) {
    if (routes === undefined) {
      throw new Error(
        'a controller has @UseHooks, but HookcellModule.forRoot() is not imported: its hooks would not run',
      );
    }
    // It may come from another copy of this package.
    this.#routes = routes as HookedRoutes;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.#routes.of(context.getClass(), context.getHandler()) !== undefined) {
      refuseOtherThanHttp(context);
      if (!this.#routes.hasRun(context.switchToHttp().getRequest<object>())) {
        throw new Error(`the hooks of ${context.getClass().name}.${context.getHandler().name} have not run`);
      }
    }
    return next.handle();
  }
}
