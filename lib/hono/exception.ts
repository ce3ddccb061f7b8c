import type { HTTPException } from 'hono/http-exception';

import { brand } from '../brand.js';
import type { HookFailure } from '../hooks/failure/failure.js';
import { problemType } from '../hooks/failure/problem.js';
import type { HookProblem } from '../hooks/failure/problem.js';

/** The class that exceptions of hooks extend. */
export type ExceptionBase = typeof HTTPException;

/**
 * The exception that ends a request if hooks end it. `getResponse()` is the response, as problem details (RFC 9457). Hono sends
 * it if the application has no `onError`.
 */
export interface HookExceptionParts {
  /** Headers of the response, such as `retry-after`. */
  readonly headers: Record<string, string>;
  /** What happened. Not for clients. */
  readonly failure: HookFailure;
}

/** Makes the class of exceptions, for the `HTTPException` of the application. */
export function hookExceptionClass(Base: ExceptionBase) {
  return class HookException extends Base implements HookExceptionParts {
    static {
      Object.defineProperty(this.prototype, 'name', { value: 'HookException', configurable: true, writable: true });
      brand(this, 'HonoHookException');
    }

    readonly headers: Record<string, string>;
    declare readonly failure: HookFailure;

    /** @internal */
    constructor(problem: HookProblem) {
      const { status, message, headers } = problem;
      super(status as ConstructorParameters<ExceptionBase>[0], { message, cause: problem });
      this.headers = headers;
      // Not enumerable, because an error handler may write the whole exception.
      Object.defineProperty(this, 'failure', { value: problem.failure });
      // Like that of a problem, without paths of the server.
      Object.defineProperty(this, 'stack', {
        value: `${this.name}: ${this.message}`,
        configurable: true,
        writable: true,
      });
    }

    /** The response, which can be sent once more each time. */
    override getResponse(): Response {
      const { headers, status } = this;
      const body = JSON.stringify((this.cause as HookProblem).toJSON());
      return new Response(body, { status, headers: { ...headers, 'content-type': problemType } });
    }
  };
}
