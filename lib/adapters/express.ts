import type { IncomingHttpHeaders } from 'node:http';

import type { CallOptions } from '../call-options.js';
import type { HookContext } from '../context.js';
import { HookcellError } from '../errors.js';
import type { Faulted, Rejected } from '../result.js';
import type { WasmRuntime } from '../runtime.js';
import { kindOf } from '../value-kind.js';
import { callerOptionNames, callerReader } from './caller.js';
import type { Caller, CallerOptions } from './caller.js';
import { parseTarget } from './hook-target.js';
import type { Hook, HookTarget } from './hook-target.js';
import { refuseUnknownOptions } from './option-names.js';

export type { CallerOptions, RequestValue } from './caller.js';
export type { HookTarget } from './hook-target.js';

/** What the middleware needs of a runtime. */
export type HookCaller = Pick<WasmRuntime, 'callHook'>;

/** What the middleware needs of a request; that of Express 4 and that of Express 5 fit. */
export interface HookRequest {
  body?: unknown;
  headers: IncomingHttpHeaders;
}

/** What the middleware needs of a response; that of Express 4 and that of Express 5 fit. */
export interface HookResponse {
  statusCode: number;
  readonly headersSent: boolean;
  json(body?: unknown): unknown;
}

/** What the middleware needs of Express's `next`. */
export type NextFunction = (error?: unknown) => void;

/** A middleware for `app.use`, or for a single route. */
export type WasmHooksHandler<R extends HookRequest = HookRequest> = (
  request: R,
  response: HookResponse,
  next: NextFunction,
) => Promise<void>;

/** What runs, and what it may know of the request. */
export interface WasmHooksOptions<R extends HookRequest = HookRequest> extends CallerOptions<R> {
  /**
   * Runs before the handlers with `req.body` as its `input` (`{}` where there is none), and may change `req.body`.
   * Mount the body parser first.
   */
  before?: string | URL | HookTarget | undefined;

  /**
   * Runs when a handler answers with `res.json`, or with `res.send` of an object: the answer is its `data`,
   * `req.body` its `input`, and it may change the answer. It does not see an answer with a status of 400 or more, nor
   * one that is sent in another way: a string, a file, a stream, `res.jsonp`.
   */
  after?: string | URL | HookTarget | undefined;
}

const optionNames: readonly string[] = ['before', 'after', ...callerOptionNames];

/**
 * Makes a middleware for Express 4 and 5 that runs a hook before the handlers, after them, or both.
 *
 * - The plugin accepts: the request or the answer goes on, with the plugin's changes.
 * - It rejects: the client gets 422 and `{ "error": "…", "details": […] }`. That holds for an after hook too,
 *   although the handler has done its work by then. A request body that is not an object is rejected likewise,
 *   without a call.
 * - It fails: the client gets 500 and `{ "error": "Internal Server Error" }`. What happened is for the runtime's log
 *   and the diagnostics channel.
 * - The host refuses: the {@link HookcellError} goes to `next`, as does what `user` or `tenantId` throws. Before the
 *   handlers some have a `status`, which Express answers with: 400 for a request body with a key `__proto__` or nested
 *   more than 128 deep, 413 for a request larger than `maxContextBytes`, 429 where too many of the tenant's calls wait
 *   (`maxQueuePerTenant`), 503 where too many wait at all, or this one did too long.
 *
 * ```ts
 * app.use(express.json());
 * app.post('/users', wasmHooks(runtime, { before: './plugins/validate_email.wasm' }), createUser);
 * ```
 *
 * @param runtime - where the plugins are loaded
 * @param options - `before`, `after` or both, and what they may know of the request
 * @throws `TypeError` for an option that is unknown or of the wrong type
 */
export function wasmHooks<R extends HookRequest = HookRequest>(
  runtime: HookCaller,
  options: WasmHooksOptions<R>,
): WasmHooksHandler<R> {
  refuseUnknownOptions('wasmHooks', options, optionNames);
  const before = parseTarget('before', options.before, 'before_hook');
  const after = parseTarget('after', options.after, 'after_hook');
  if (before === undefined && after === undefined) {
    throw new TypeError('wasmHooks takes before, after, or both, got neither');
  }
  const readCaller = callerReader(options);

  return async (request, response, next) => {
    try {
      const caller = await readCaller(request);
      if (before !== undefined && !(await runBefore(runtime, before, caller, request, response))) {
        return;
      }
      if (after !== undefined) {
        runAfterAnswer(runtime, after, caller, request, response, next);
      }
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

/** Resolves whether the request goes on; where it does not, it has been answered. */
async function runBefore(
  runtime: HookCaller,
  target: Hook,
  caller: Caller,
  request: HookRequest,
  response: HookResponse,
): Promise<boolean> {
  const input = request.body === undefined ? {} : request.body;
  if (!isRecord(input)) {
    reject(response, { error: `the request body must be an object, got ${kindOf(input)}` });
    return false;
  }
  const { plugin, hook } = target;
  const call = runtime.callHook(plugin, hook, contextOf(caller, input), optionsOf(target, caller));
  const result = await call.catch(rethrowWithStatus);
  if (!result.ok) {
    answerFailure(response, result);
    return false;
  }
  if (result.ctx.input !== input) {
    request.body = result.ctx.input;
  }
  return true;
}

/** Puts a function in the place of `res.json` that hands the answer to the hook before it is sent. */
function runAfterAnswer(
  runtime: HookCaller,
  target: Hook,
  caller: Caller,
  request: HookRequest,
  response: HookResponse,
  next: NextFunction,
): void {
  const { plugin, hook } = target;
  const json = response.json;
  let answering = false;

  async function answer(body: unknown, status: number): Promise<void> {
    try {
      const input = isRecord(request.body) ? request.body : {};
      const result = await runtime.callHook(plugin, hook, contextOf(caller, input, body), optionsOf(target, caller));
      if (response.headersSent) {
        // By an error handler: the handler failed after it had answered.
        return;
      }
      response.json = json;
      if (result.ok) {
        response.statusCode = status;
        response.json(result.ctx.data);
      } else {
        answerFailure(response, result);
      }
    } catch (error) {
      response.json = json;
      next(error);
    }
  }

  response.json = (body) => {
    if (response.headersSent || response.statusCode >= 400 || body === undefined) {
      return json.call(response, body);
    }
    if (answering) {
      // Node would throw too, had the first answer been sent at once.
      throw new Error('the request has been answered already');
    }
    answering = true;
    void answer(body, response.statusCode);
    return response;
  };
}

function contextOf(caller: Caller, input: object, data: unknown = null): HookContext<object> {
  return { input, data, user: caller.user, headers: caller.headers, tenant_id: caller.tenantId };
}

/** A tenant's requests are its calls, so that its flood holds up no other tenant's. */
function optionsOf({ options }: Hook, { tenantId }: Caller): CallOptions | undefined {
  return tenantId === undefined || tenantId === null ? options : { tenant: tenantId, ...options };
}

function answerFailure(response: HookResponse, result: Rejected | Faulted): void {
  if (result.fault === undefined) {
    reject(response, result);
  } else {
    response.statusCode = 500;
    response.json({ error: 'Internal Server Error' });
  }
}

function reject(response: HookResponse, { error, details }: Pick<Rejected, 'error' | 'details'>): void {
  response.statusCode = 422;
  response.json({ error: error ?? 'Unprocessable Content', details: details ?? [] });
}

/** Where the server has done no wrong and no work yet, the error says so to whoever answers with it. */
function rethrowWithStatus(error: unknown): never {
  const status = error instanceof HookcellError ? statusOf(error) : undefined;
  throw status === undefined ? error : Object.assign(error as HookcellError, { status });
}

function statusOf({ code, limit, place }: HookcellError): number | undefined {
  if (place?.startsWith('ctx.input')) {
    return 400;
  }
  if (limit === 'maxContextBytes') {
    return 413;
  }
  if (limit === 'maxQueuePerTenant') {
    return 429;
  }
  return code === 'ERR_QUEUE_FULL' || code === 'ERR_QUEUE_TIMEOUT' ? 503 : undefined;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
