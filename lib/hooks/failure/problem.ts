import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { isNativeError } from 'node:util/types';

import { brand } from '../../brand.js';
import { HookcellError } from '../../errors.js';
import { kindOf } from '../../values/value-kind.js';
import type { HookFailure, RefusedFailure } from './failure.js';
import { checkWritable, isRejectionStatus } from '../native-hook.js';
import { serverMistake } from './server-mistake.js';

/** The media type of {@link HookProblem.toJSON}, of RFC 9457. */
export const problemType = 'application/problem+json';

/** The body of an answer to a request that hooks ended: problem details as in RFC 9457. */
export interface ProblemDetails {
  title: string;
  status: number;
  /** Why, in the words of who rejected; otherwise the title. */
  error: string;
  /** What a rejection adds; an empty array where it adds nothing. */
  details?: unknown[];
  [member: string]: unknown;
}

/** An answer of the user's own in place of the default one. */
export interface ProblemAnswer {
  /** 400 to 599. */
  status: number;
  /** Headers of the answer. Default none. */
  headers?: Record<string, string> | undefined;
  /** Members of the body beside, or in place of, `title`, `status` and `error`. */
  body?: Record<string, unknown> | undefined;
}

/**
 * Says how a failure is answered: with this answer, by this error, which goes to the framework's error handling as it
 * is, or, where it returns nothing, by default.
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

/** Where a problem keeps the body of its answer. Not a private member: error handlers read it through objects made of it. */
const bodyKey = Symbol.for('hookcell.problem.body');

/**
 * The error that a framework's error handling is given where hooks end a request. A client may be shown all of it but
 * `failure` and `cause`: `message` is the reason of a rejection, and for all else the name of the status; `stack` is the
 * message again, without the paths of the server. What happened is in `failure`, and for a refusal also in `cause`, so that
 * logs tell it.
 */
export class HookProblem extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'HookProblem', configurable: true, writable: true });
    brand(this, 'HookProblem');
  }

  /** The status of the answer. */
  readonly status: number;
  /** The same, as some frameworks name it. */
  readonly statusCode: number;
  /** Which kind of failure it was. */
  readonly code: HookProblemCode;
  /** Whether the client is to be told the message: where the status is below 500. */
  readonly expose: boolean;
  /** Headers of the answer, `retry-after` for one. */
  readonly headers: Record<string, string>;
  /** What happened, for the server alone. */
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
    // Express answers with the stack outside of production.
    hide(this, { stack: `${this.name}: ${this.message}` });
    // Not enumerable: a handler that writes the whole error would show it.
    hide(this, { failure, [bodyKey]: details });
  }

  /**
   * The body of the answer. It also has what Fastify's own errors have (`statusCode`, `code` and `message`), where JSON does
   * not show it and a response schema finds it.
   */
  toJSON(): ProblemDetails {
    return answerBody(this, this.statusCode);
  }
}

/**
 * The error for a refusal that is the server's own doing: it has the code of the refusal, which is its `cause`, and nothing
 * else of it. It is answered as any error of the server.
 */
function serverError(failure: RefusedFailure): HookcellError {
  const { error: cause } = failure;
  const body = problemDetails(500);
  const error = new HookcellError(cause.code, body.title, { cause, limit: cause.limit });
  const toJSON = () => answerBody(error as HookcellError & Bodied, 500);
  return hide(error, { stack: `${error.name}: ${error.message}`, failure, [bodyKey]: body, toJSON });
}

/** The body with which an error is to be answered, where hooks ended a request with it. */
export function problemBody(error: unknown): ProblemDetails | undefined {
  return typeof error === 'object' && error !== null ? (error as Partial<Bodied>)[bodyKey] : undefined;
}

interface Bodied {
  readonly [bodyKey]: ProblemDetails;
}

function answerBody({ code, message, [bodyKey]: body }: Bodied & Error & { code: string }, statusCode: number) {
  return hide({ ...body }, { statusCode, code, message });
}

/** Gives an object members that are found by their names, and not listed. A member that is listed stays as it is. */
function hide<T extends object>(object: T, members: object): T {
  for (const name of Reflect.ownKeys(members)) {
    if (!Object.prototype.propertyIsEnumerable.call(object, name)) {
      Object.defineProperty(object, name, { value: Reflect.get(members, name), configurable: true, writable: true });
    }
  }
  return object;
}

/** What a status says by itself. */
export function problemDetails(status: number): ProblemDetails {
  const title = STATUS_CODES[status] ?? 'Error';
  return { title, status, error: title };
}

/**
 * The answer to a failure by default; `undefined` where it is for the framework to answer, as any error of the server:
 * a plugin that is not loaded, an answer of the handler that JSON cannot hold.
 */
function defaultAnswer(failure: HookFailure): ProblemAnswer | undefined {
  switch (failure.kind) {
    case 'rejected': {
      const { error, details = [], status = statusInDetails(details) ?? 422 } = failure;
      return { status, body: { ...(error === undefined ? {} : { error }), details } };
    }
    case 'faulted': {
      return { status: failure.stage === 'before' && failure.fault.code === 'ERR_TIMEOUT' ? 504 : 500 };
    }
    case 'circuit-open': {
      return busyAnswer(failure, 503, failure.retryAfterMs);
    }
    case 'refused': {
      return refusalAnswer(failure);
    }
  }
}

/** How the user answers the failure, else how it is answered by default. */
export function problemOf<R>(failure: HookFailure, request: R, mapping: ProblemMapping<R> | undefined): Error {
  const own: unknown = mapping?.(failure, request);
  // One of Node's own is none of this realm's under Jest.
  if (own instanceof Error || isNativeError(own)) {
    return own;
  }
  const answer = own === undefined ? defaultAnswer(failure) : parseAnswer(own);
  return answer === undefined ? serverError(failure as RefusedFailure) : new HookProblem(failure, answer);
}

/** A moment: what waits in a queue of calls that take milliseconds has had its turn by then. */
const QUEUE_RETRY_MS = 1_000;

function refusalAnswer(failure: RefusedFailure): ProblemAnswer | undefined {
  const { error, stage, ofClient } = failure;
  if (error.path?.startsWith('ctx.input') && ofClient) {
    return { status: 400, body: { error: error.message } };
  }
  if (stage === 'after') {
    // What the handler did is done: no answer that asks for it again.
    return undefined;
  }
  if (error.limit === 'maxContextBytes') {
    return { status: 413 };
  }
  if (error.limit === 'maxQueuePerTenant' || error.limit === 'maxQueueBytesPerTenant') {
    return busyAnswer(failure, 429, QUEUE_RETRY_MS);
  }
  if (error.code === 'ERR_QUEUE_FULL' || error.code === 'ERR_QUEUE_TIMEOUT') {
    return busyAnswer(failure, 503, QUEUE_RETRY_MS);
  }
  return error.code === 'ERR_CLOSED' ? { status: 503 } : undefined;
}

/** After the handler nobody is asked to come again, and so to have its work done twice. */
function busyAnswer({ stage }: HookFailure, status: number, retryAfterMs: number): ProblemAnswer {
  return stage === 'after'
    ? { status: 500 }
    : { status, headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
}

/** The status that a plugin asks for: that of the first of its details that has one. Only one of 400 to 499 counts. */
function statusInDetails(details: readonly unknown[]): number | undefined {
  for (const detail of details) {
    if (typeof detail === 'object' && detail !== null && Object.hasOwn(detail, 'status')) {
      const { status } = detail as { status: unknown };
      return isRejectionStatus(status) ? status : undefined;
    }
  }
  return undefined;
}

function parseAnswer(answer: unknown): ProblemAnswer {
  const { status, headers = {}, body } = (answer ?? {}) as Partial<ProblemAnswer>;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) {
    throw serverMistake(
      `problem must return an object with a status from 400 to 599, an Error or undefined, got ${kindOf(answer)}`,
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
  return answer as ProblemAnswer;
}
