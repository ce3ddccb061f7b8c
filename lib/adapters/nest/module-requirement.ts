import { Inject, Injectable, Optional } from '@nestjs/common';
import type { CallHandler, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';

import { HOOKED_ROUTES } from './module-options.js';

/**
 * Does nothing to a request. It is made with every controller that has hooks, and fails the start of an application that
 * would never run them.
 */
@Injectable()
export class ModuleRequirement implements NestInterceptor {
  constructor(@Optional() @Inject(HOOKED_ROUTES) routes?: unknown) {
    if (routes === undefined) {
      throw new Error(
        'a controller has @UseHooks, and HookcellModule.forRoot() is not imported: its hooks would not run',
      );
    }
  }

  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}
