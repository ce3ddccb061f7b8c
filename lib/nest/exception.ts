import { HttpException } from '@nestjs/common';

import { brand } from '../brand.js';
import type { HookFailure } from '../hooks/failure/failure.js';
import type { HookProblem } from '../hooks/failure/problem.js';

/**
 * The exception that an application's filters see where hooks end a request: `getStatus()` and `getResponse()` are the
 * answer, as problem details (RFC 9457).
 */
export class HookException extends HttpException {
  static {
    brand(this, 'HookException');
  }

  /** Headers of the answer, `retry-after` for one. */
  readonly headers: Record<string, string>;
  /** What happened, for the server alone. */
  declare readonly failure: HookFailure;

  /** @internal */
  constructor(problem: HookProblem) {
    super(problem.toJSON(), problem.status, { cause: problem });
    this.message = problem.message;
    this.headers = problem.headers;
    // Not enumerable: a filter that writes the whole exception would show it.
    Object.defineProperty(this, 'failure', { value: problem.failure });
    // As that of a problem, without the paths of the server.
    Object.defineProperty(this, 'stack', {
      value: `${this.name}: ${this.message}`,
      configurable: true,
      writable: true,
    });
  }
}
