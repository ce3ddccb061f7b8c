import type { JsonObject } from '../values/json.js';
import { hookResponse } from './hooked-response.js';
import type { ExpressRequest } from './request.js';
import type { HookResponse, NextFunction } from './response.js';
import type { HookOptions } from '../hooks/options/hook-options.js';
import type { HookCaller } from '../hooks/hook-caller.js';
import { HookProblem, problemType } from '../hooks/failure/problem.js';
import { RequestHooks } from '../hooks/request/request-hooks.js';
import type { InputOfHandler, SchemaAt } from '../hooks/schema/schema-at.js';

export type { HookResponse, NextFunction } from './response.js';
export * from '../hooks/shared-exports.js';

/**
 * The part of a request that the middleware needs, with what the application has added to `Express.Request`, such as `user`.
 * Requests of Express 4 and Express 5 fit.
 */
export type HookRequest = ExpressRequest;

/**
 * A middleware for `app.use`, a router, or a single route. The body that its handlers see has the type that the schema of the
 * input makes.
 */
export interface WasmHooksHandler<O> {
  (request: HookRequest & { body?: O }, response: HookResponse, next: NextFunction): Promise<void>;

  /**
   * Looks up the plugins and their hooks, except those that a function chooses. Await it before the server listens.
   *
   * @throws {@link HookcellError} `ERR_NOT_LOADED` or `ERR_NO_HOOK`, which lists what is missing
   */
  check(): Promise<void>;
}

/** The hooks around the handlers, and what they may see of the request. */
export type WasmHooksOptions<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> = HookOptions<R, I, O, D, S, A>;

/**
 * Makes a middleware for Express 4 and 5 that runs hooks before the handlers, after them, or both. Mount the body parser
 * first, and {@link problemHandler} last.
 *
 * - Before: the hooks get `req.body` as `input`, and may change it.
 * - After: the hooks run when a handler calls `res.json`, or `res.send` with an object. They get that value as `data`, and may
 *   change it. They do not see what is sent in another way: a string, a file, a stream, `res.jsonp`.
 * - If hooks end the request, a {@link HookProblem} with `status`, `expose` and `headers` goes to `next`. What a native hook or
 *   a resolver throws goes there as it is.
 *
 * ```ts
 * app.use(express.json());
 * app.post('/users', wasmHooks(runtime, { before: [checkQuota, './plugins/validate_email.wasm'] }), createUser);
 * app.use(problemHandler());
 * ```
 *
 * @param runtime - where the plugins are loaded
 * @param options - the hooks, and what they may see of the request
 * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
 */
export function wasmHooks<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = any,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(runtime: HookCaller, options: WasmHooksOptions<R, I, O, D, S, A>): WasmHooksHandler<InputOfHandler<A, O>> {
  const hooks = new RequestHooks<R>('wasmHooks', runtime, options);

  const handler = async (request: HookRequest, response: HookResponse, next: NextFunction): Promise<void> => {
    try {
      const run = await hooks.start(request as R, response);
      if (run === undefined) {
        return;
      }
      if (hooks.hasAfter) {
        hookResponse(response, {
          errorsToo: hooks.afterErrors,
          next,
          refused: (action) => hooks.refusedWrite(action),
          async run(data) {
            if (!hooks.hasBefore && hooks.readsBody) {
              // A parser after this middleware may have read it by now.
              run.setInput(request.body);
            }
            return await run.changeData(data);
          },
        });
      }
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
  return Object.assign(handler, { check: async () => hooks.check() });
}

/** An error handler for `app.use`. */
export type ProblemHandler = (error: unknown, request: unknown, response: HookResponse, next: NextFunction) => void;

/**
 * Makes an error handler that responds to requests that hooks ended, with `application/problem+json`. Other errors go to the
 * next handler.
 */
export function problemHandler(): ProblemHandler {
  // Express recognizes an error handler by its four parameters.
  return (error, _request, response, next) => {
    if (!(error instanceof HookProblem) || response.headersSent) {
      next(error);
      return;
    }
    response.statusCode = error.status;
    for (const [name, value] of Object.entries(error.headers)) {
      response.setHeader(name, value);
    }
    response.setHeader('content-type', problemType);
    response.json(error.toJSON());
  };
}
