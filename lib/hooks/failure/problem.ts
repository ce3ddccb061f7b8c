import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { isNativeError } from 'node:util/types';

import { brand } from '../../brand.js';
import { HookcellError } from '../../errors.js';
import { kindOf } from '../../values/value-kind.js';
import type { HookFailure, RefusedFailure } from './failure.js';
import { checkWritable, isRejectionStatus } from '../rejection.js';
import { serverMistake } from './server-mistake.js';

/** The media type of {@link HookProblem.toJSON}, of RFC 9457. */
export const problemType = 'application/problem+json';

/** The body of the response to a request that hooks ended: problem details (RFC 9457). */
export interface ProblemDetails {
  title: string;
  status: number;
  /** The reason of a rejection, otherwise the title. */
  error: string;
  /** The details of a rejection; an empty array if it has none. */
  details?: unknown[];
  [member: string]: unknown;
}

/** A response that replaces the default one. */
export interface ProblemAnswer {
  /** 400 to 599. */
  status: number;
  /** Headers of the response. Default none. */
  headers?: Record<string, string> | undefined;
  /** Members of the body that are added to `title`, `status` and `error`, or replace them. */
  body?: Record<string, unknown> | undefined;
}

/**
 * Decides the response to a failure: this one; or an error, which goes to the framework's error handling as it is; or,
 * with `undefined`, the default one.
 */
export type ProblemMapping<R> = (failure: HookFailure, request: R) => ProblemAnswer | Error | undefined;

/** The `code` of a {@link HookProblem}. */
export type HookProblemCode = (typeof problemCodes)[HookFailure['kind']];

const problemCodes = {
  rejected: 'ERR_HOOK_REJECTED',
  faulted: 'ERR_HOOK_FAULTED',
  'circuit-open': 'ERR_HOOK_CIRCUIT_OPEN',
  refused: 'ERR_HOOK_REFUSED',
} as const satisfies Record<HookFailure['kind'], string>;

/** Where a problem keeps the body of its response. Not a private member: error handlers read it through objects that inherit it. */
const bodyKey = Symbol.for('hookcell.problem.body');

/**
 * The error that the framework's error handling gets if hooks end a request. Everything in it may be shown to clients,
 * except `failure` and `cause`. `message` is the reason of a rejection, and otherwise the name of the status. `stack` repeats
 * the message, without paths of the server. `failure` is what happened, for logs; the `cause` of a refusal is its error.
 */
export class HookProblem extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'HookProblem', configurable: true, writable: true });
    brand(this, 'HookProblem');
  }

  /** The status of the response. */
  readonly status: number;
  /** The same, under the name that some frameworks read. */
  readonly statusCode: number;
  /** The kind of failure. */
  readonly code: HookProblemCode;
  /** Whether the message is for the client: if the status is below 500. */
  readonly expose: boolean;
  /** Headers of the response, such as `retry-after`. */
  readonly headers: Record<string, string>;
  /** What happened. Not for clients. */
  declare readonly failure: HookFailure;
  declare readonly [bodyKey]: ProblemDetails;

  /** @internal */
  constructor(failure: HookFailure, { status, headers = {}, body }: ProblemAnswer) {
    const details: ProblemDetails = { ...problemDetails(status), ...body };
    super(
      status < 500 ? details.error : problemDetails(status).title,
      failure.kind === 'refused' ? { cause: failure.error } : {},
    );
    this.status = status;
    this.statusCode = status;
    this.code = problemCodes[failure.kind];
    this.expose = status < 500;
    this.headers = headers;
    // Express sends the stack outside of production.
    hide(this, { stack: `${this.name}: ${this.message}` });
    // Not enumerable, because an error handler may write the whole error.
    hide(this, { failure, [bodyKey]: details });
  }

  /** The reason of a rejection, otherwise the name of the status. */
  get error(): string {
    return this[bodyKey].error;
  }

  /** The details of a rejection: an array, empty if it has none. `undefined` for other failures. */
  get details(): unknown[] | undefined {
    return this[bodyKey].details;
  }

  /**
   * The body of the response. It also has what Fastify's own errors have (`statusCode`, `code` and `message`), not enumerable:
   * JSON leaves it out, and a response schema finds it.
   */
  toJSON(): ProblemDetails {
    return responseBody(this, this.statusCode);
  }
}

/**
 * The error for a refusal that the server caused. It has the code of the refusal, which is its `cause`, and nothing else of
 * it. The framework responds as to any error of the server.
 */
function serverError(failure: RefusedFailure): HookcellError {
  const { error: cause } = failure;
  const body = problemDetails(500);
  const error = new HookcellError(cause.code, body.title, { cause, limit: cause.limit });
  const toJSON = () => responseBody(error as HookcellError & Bodied, 500);
  return hide(error, { stack: `${error.name}: ${error.message}`, failure, [bodyKey]: body, toJSON });
}

/** The body of the response to an error, if hooks ended a request with it. */
export function problemBody(error: unknown): ProblemDetails | undefined {
  return typeof error === 'object' && error !== null ? (error as Partial<Bodied>)[bodyKey] : undefined;
}

/** What happened, if hooks ended an operation with this error. Not for clients. */
export function failureOf(error: unknown): HookFailure | undefined {
  return problemBody(error) === undefined ? undefined : (error as Bodied).failure;
}

interface Bodied {
  readonly failure: HookFailure;
  readonly [bodyKey]: ProblemDetails;
}

function responseBody(
  { code, message, [bodyKey]: body }: Pick<Bodied, typeof bodyKey> & Error & { code: string },
  statusCode: number,
) {
  return hide({ ...body }, { statusCode, code, message });
}

/** Adds members that are not enumerable. A member that is enumerable already stays as it is. */
function hide<T extends object>(object: T, members: object): T {
  for (const name of Reflect.ownKeys(members)) {
    if (!Object.prototype.propertyIsEnumerable.call(object, name)) {
      Object.defineProperty(object, name, { value: Reflect.get(members, name), configurable: true, writable: true });
    }
  }
  return object;
}

/** The problem details of a status without a reason. */
export function problemDetails(status: number): ProblemDetails {
  const title = STATUS_CODES[status] ?? 'Error';
  return { title, status, error: title };
}

/**
 * The default response to a failure. `undefined` if the framework is to respond, as to any error of the server: a plugin is
 * not loaded, or JSON cannot hold the handler's response.
 */
function defaultResponse(failure: HookFailure): ProblemAnswer | undefined {
  switch (failure.kind) {
    case 'rejected': {
      const { error, details = [], status = statusInDetails(details) ?? 422 } = failure;
      return { status, body: { ...(error === undefined ? {} : { error }), details } };
    }
    case 'faulted': {
      return { status: failure.stage === 'before' && failure.fault.code === 'ERR_TIMEOUT' ? 504 : 500 };
    }
    case 'circuit-open': {
      return busyResponse(failure, 503, failure.retryAfterMs);
    }
    case 'refused': {
      return refusalResponse(failure);
    }
  }
}

/** The error for a failure: as the option `problem` decides, otherwise the default one. */
export function problemOf<R>(failure: HookFailure, request: R, mapping: ProblemMapping<R> | undefined): Error {
  const own: unknown = mapping?.(failure, request);
  // Under Jest, an error of Node's own is not an instance of this realm's `Error`.
  if (own instanceof Error || isNativeError(own)) {
    return own;
  }
  const response = own === undefined ? defaultResponse(failure) : parseResponse(own);
  return response === undefined ? serverError(failure as RefusedFailure) : new HookProblem(failure, response);
}

/** Calls take milliseconds, so a queue has moved on after this time. */
const QUEUE_RETRY_MS = 1_000;

function refusalResponse(failure: RefusedFailure): ProblemAnswer | undefined {
  const { error, stage, ofClient } = failure;
  if (error.path?.startsWith('ctx.input') && ofClient) {
    return { status: 400, body: { error: error.message } };
  }
  if (stage === 'after') {
    // The handler has done its work: no response may ask for it again.
    return undefined;
  }
  if (error.limit === 'maxContextBytes') {
    return { status: 413 };
  }
  if (error.limit === 'maxQueuePerTenant' || error.limit === 'maxQueueBytesPerTenant') {
    return busyResponse(failure, 429, QUEUE_RETRY_MS);
  }
  if (error.code === 'ERR_QUEUE_FULL' || error.code === 'ERR_QUEUE_TIMEOUT') {
    return busyResponse(failure, 503, QUEUE_RETRY_MS);
  }
  return error.code === 'ERR_CLOSED' ? { status: 503 } : undefined;
}

/** After the handler, no client is asked to retry: that would do its work twice. */
function busyResponse({ stage }: HookFailure, status: number, retryAfterMs: number): ProblemAnswer {
  return stage === 'after'
    ? { status: 500 }
    : { status, headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
}

/** The status that a plugin asks for, in the first of its details that has one. Only 400 to 499 counts. */
function statusInDetails(details: readonly unknown[]): number | undefined {
  for (const detail of details) {
    if (typeof detail === 'object' && detail !== null && Object.hasOwn(detail, 'status')) {
      const { status } = detail as { status: unknown };
      return isRejectionStatus(status) ? status : undefined;
    }
  }
  return undefined;
}

function parseResponse(response: unknown): ProblemAnswer {
  const { status, headers = {}, body } = (response ?? {}) as Partial<ProblemAnswer>;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) {
    throw serverMistake(
      `problem must return an object with a status from 400 to 599, an Error or undefined, got ${kindOf(response)}`,
    );
  }
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    throw serverMistake(`problem must return headers that can be sent: ${(error as Error).message}`);
  }
  checkWritable('the body that problem returned', body);
  return response as ProblemAnswer;
}
