import { brand } from '../brand.js';
import type { WholeContext } from '../calls/context.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { refuseUnknownOptions } from './options/option-names.js';
import { serverMistake } from './failure/server-mistake.js';

/**
 * What a native hook is given: what a plugin sees, and the session. The object is frozen, so that a change is returned
 * and not assigned.
 *
 * @typeParam I - the shape of `input`
 * @typeParam D - the shape of `data`
 * @typeParam S - the shape of `session`
 */
export interface NativeContext<I extends object, D, S extends object> extends Readonly<WholeContext<I, D>> {
  /** Lives from the first hook before the handler to the last one after it, and is never sent to a plugin. */
  readonly session: S;
}

/** What a native hook changes; what is left out, or `undefined`, stays as it is. */
export interface HookChanges<I extends object, D> {
  input?: I | undefined;
  data?: D | null | undefined;
}

/**
 * A function of the server among the hooks. It returns nothing to accept, {@link HookChanges} to accept with changes,
 * or a {@link reject | rejection}. What it throws goes to the framework's error handling: it is the server's own code.
 */
export type NativeHook<I extends object, D, S extends object> = (
  context: NativeContext<I, D, S>,
) => NativeResult<I, D> | Promise<NativeResult<I, D>>;

// `void`, since a function that returns nothing is what most hooks are.
// oxlint-disable-next-line typescript/no-invalid-void-type
type NativeResult<I extends object, D> = HookChanges<I, D> | HookRejection | undefined | void;

/** What else a rejection says. */
export interface RejectOptions {
  /** More about it, for the client. Default none. */
  details?: unknown[] | undefined;
  /** The status of the answer, 400 to 499. Default 422. */
  status?: number | undefined;
}

/** A native hook says no. Made by {@link reject}. */
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
 * What a native hook returns to say no: the chain ends, and the client is told.
 *
 * ```ts
 * const onlyEditors = ({ user }) => (user?.role === 'editor' ? undefined : reject('editors only', { status: 403 }));
 * ```
 *
 * @param error - why, for the client
 * @throws `TypeError` or `RangeError` where an argument is wrong
 */
export function reject(error: string, options: RejectOptions = {}): HookRejection {
  if (typeof error !== 'string') {
    throw new TypeError(`a rejection says why in a string, got ${kindOf(error)}`);
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

/** Refuses what could not be written when the client is answered. */
export function checkWritable(name: string, value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (cause) {
    throw serverMistake(`${name} cannot be written as JSON: ${(cause as Error).message}`);
  }
}

/** Whether a rejection may have this status: the client is refused, so it is neither sent elsewhere nor told of a failure. */
export function isRejectionStatus(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 499;
}

/** Reads what a native hook returned, so that a slip in it is an error and not an acceptance. */
export function parseNativeResult(
  hook: string,
  answer: unknown,
): HookChanges<object, unknown> | HookRejection | undefined {
  if (answer === undefined || answer instanceof HookRejection) {
    return answer;
  }
  refuseUnknownOptions(`what ${hook} returned`, answer, ['input', 'data']);
  const changes = answer as HookChanges<object, unknown>;
  if (changes.input !== undefined && !isRecord(changes.input)) {
    throw serverMistake(`the input that ${hook} returned must be an object, got ${kindOf(changes.input)}`);
  }
  return changes;
}
