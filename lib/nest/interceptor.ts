import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { HttpAdapterHost } from '@nestjs/core';
import { mergeMap, NEVER, takeLast } from 'rxjs';
import type { Observable } from 'rxjs';

import type { WatchedResponse } from '../hooks/request/client-watch.js';
import { HookProblem } from '../hooks/failure/problem.js';
import { changeHandlerResult } from './handler-result.js';
import { HookException } from './exception.js';
import { refuseOtherThanHttp } from './transport.js';
import { HookedRoutes } from './hooked-routes.js';
import type { RequestHooks } from '../hooks/request/request-hooks.js';
import type { HookRequest } from './decorator/use-hooks-options.js';

/** The response of Express, or the reply of Fastify. */
interface HookResponse extends WatchedResponse {
  readonly statusCode: number;
  readonly raw?: WatchedResponse | undefined;
}

/**
 * Runs the hooks of `@UseHooks`. The module registers it for the whole application. It runs after all guards, before all pipes,
 * and around every other interceptor. So no interceptor can respond without the hooks, and the hooks see the response as the
 * interceptors leave it.
 */
@Injectable()
export class HooksInterceptor implements NestInterceptor {
  readonly #routes: HookedRoutes;
  readonly #adapterHost: HttpAdapterHost;

  constructor(@Inject(HookedRoutes) routes: HookedRoutes, @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost) {
    this.#routes = routes;
    this.#adapterHost = adapterHost;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const hooks = this.#routes.of(context.getClass(), context.getHandler());
    if (hooks === undefined) {
      return next.handle();
    }
    refuseOtherThanHttp(context);
    const request = context.switchToHttp().getRequest<HookRequest>();
    this.#routes.ran(request);
    const response = context.switchToHttp().getResponse<HookResponse>();
    const run = await exceptional(() => hooks.start(request, response.raw ?? response));
    if (run === undefined) {
      // The client has disconnected.
      return NEVER;
    }
    if (!hooks.hasAfter || Reflect.hasMetadata(SSE_METADATA, context.getHandler())) {
      return next.handle();
    }
    // Nest sends the last value of several.
    return next.handle().pipe(
      takeLast(1),
      mergeMap(async (data: unknown) =>
        this.#isForHooks(data, response, hooks)
          ? await exceptional(() => changeHandlerResult(response, data, run))
          : data,
      ),
    );
  }

  #isForHooks(data: unknown, response: { statusCode: number }, { afterErrors }: RequestHooks<HookRequest>): boolean {
    return (
      isJson(data) &&
      (afterErrors || response.statusCode < 400) &&
      !(this.#adapterHost.httpAdapter.isHeadersSent(response) as boolean)
    );
  }
}

/** Whether Nest sends the data as JSON: an object or an array, and not a stream, file or buffer. */
function isJson(data: unknown): boolean {
  return (
    typeof data === 'object' &&
    data !== null &&
    !(data instanceof StreamableFile) &&
    !ArrayBuffer.isView(data) &&
    typeof (data as { pipe?: unknown }).pipe !== 'function'
  );
}

/** Throws an exception of Nest's kind if hooks end the request. */
async function exceptional<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof HookProblem ? new HookException(error) : error;
  }
}
