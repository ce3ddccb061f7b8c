import { brand } from '../brand.js';
import { kindOf } from '../values/value-kind.js';
import { refuseUnknownOptions } from './options/option-names.js';
import { serverMistake } from './failure/server-mistake.js';

/** More about a rejection. */
export interface RejectOptions {
  /** Details for the client. Default none. */
  details?: unknown[] | undefined;
  /** The status of the response, 400 to 499. Default 422. */
  status?: number | undefined;
}

/** The result of a native hook that rejects. Made by {@link reject}. */
export class HookRejection {
  static {
    brand(this, 'HookRejection');
  }

  readonly error: string;
  readonly details: unknown[] | undefined;
  readonly status: number | undefined;

  /** @internal */
  constructor(error: string, details: unknown[] | undefined, status: number | undefined) {
    this.error = error;
    this.details = details;
    this.status = status;
  }
}

/**
 * Makes what a native hook returns to reject a request: the chain ends, and the client gets the reason.
 *
 * ```ts
 * const onlyEditors = ({ user }) => (user?.role === 'editor' ? undefined : reject('editors only', { status: 403 }));
 * ```
 *
 * @param error - the reason, for the client
 * @throws `TypeError` or `RangeError` for a wrong argument
 */
export function reject(error: string, options: RejectOptions = {}): HookRejection {
  if (typeof error !== 'string') {
    throw new TypeError(`the reason of a rejection must be a string, got ${kindOf(error)}`);
  }
  refuseUnknownOptions('the options of reject', options, ['details', 'status']);
  const { details, status } = options;
  if (details !== undefined && !Array.isArray(details)) {
    throw new TypeError(`details must be an array, got ${kindOf(details)}`);
  }
  checkWritable('details', details);
  if (status !== undefined && !isRejectionStatus(status)) {
    throw new RangeError(`status must be a whole number from 400 to 499, got ${String(status)}`);
  }
  return new HookRejection(error, details, status);
}

/** Refuses a value that could not be written into a response. */
export function checkWritable(name: string, value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (cause) {
    throw serverMistake(`${name} cannot be written as JSON: ${(cause as Error).message}`);
  }
}

/** Whether a rejection may have this status: the request is at fault, so it is neither a redirect nor an error of the server. */
export function isRejectionStatus(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 499;
}
