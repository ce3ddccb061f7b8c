import { Catch, Inject } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { problemType } from '../hooks/failure/problem.js';
import { HookException } from './exception.js';

/**
 * Responds to a {@link HookException} with `application/problem+json` and its headers. The module registers it for the whole
 * application, unless `problemFilter` is `false`. A filter of a controller, a handler or `useGlobalFilters` that catches the
 * exception takes precedence.
 */
@Catch(HookException)
export class HookExceptionFilter implements ExceptionFilter<HookException> {
  readonly #adapterHost: HttpAdapterHost;

  constructor(@Inject(HttpAdapterHost) adapterHost: HttpAdapterHost) {
    this.#adapterHost = adapterHost;
  }

  catch(exception: HookException, host: ArgumentsHost): void {
    const { httpAdapter } = this.#adapterHost;
    const response = host.switchToHttp().getResponse<unknown>();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    for (const [name, value] of Object.entries(exception.headers)) {
      httpAdapter.setHeader(response, name, value);
    }
    httpAdapter.setHeader(response, 'content-type', problemType);
    // As text: for an object, Nest would set the type to `application/json`.
    httpAdapter.reply(response, JSON.stringify(exception.getResponse()), exception.getStatus());
  }
}
