import { HttpException } from '@nestjs/common';

import { brand } from '../brand.js';
import type { HookFailure } from '../hooks/failure/failure.js';
import type { HookProblem } from '../hooks/failure/problem.js';

/**
 * The exception that an application's filters get if hooks end a request. `getStatus()` and `getResponse()` are the response,
 * as problem details (RFC 9457).
 */
export class HookException extends HttpException {
  static {
    brand(this, 'HookException');
  }

  /** Headers of the response, such as `retry-after`. */
  readonly headers: Record<string, string>;
  /** What happened. Not for clients. */
  declare readonly failure: HookFailure;

  /** @internal */
  constructor(problem: HookProblem) {
    super(problem.toJSON(), problem.status, { cause: problem });
    this.message = problem.message;
    this.headers = problem.headers;
    // Not enumerable, because a filter may write the whole exception.
    Object.defineProperty(this, 'failure', { value: problem.failure });
    // Like that of a problem, without paths of the server.
    Object.defineProperty(this, 'stack', {
      value: `${this.name}: ${this.message}`,
      configurable: true,
      writable: true,
    });
  }
}
