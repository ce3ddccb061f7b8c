import type { Context, Middleware } from 'koa';

import type { JsonObject } from '../calls/context.js';
import { HookProblem, problemType } from '../hooks/failure/problem.js';
import type { HookCaller } from '../hooks/hook-caller.js';
import type { HookOptions } from '../hooks/options/hook-options.js';
import { RequestHooks } from '../hooks/request/request-hooks.js';
import type { SchemaAt } from '../hooks/schema/schema-at.js';
import { changeBody } from './body.js';
import { koaRequest } from './request.js';

export * from '../hooks/shared-exports.js';

/** A middleware for `app.use` or a route. */
export interface WasmHooksMiddleware extends Middleware {
  /**
   * Looks up the plugins and their hooks, except those that a function chooses. Await it before the server listens.
   *
   * @throws {@link HookcellError} `ERR_NOT_LOADED` or `ERR_NO_HOOK`, which lists what is missing
   */
  check(): Promise<void>;
}

/** The hooks around the handlers, and what they may see of the request: options are values or functions of `ctx`. */
export type WasmHooksOptions<
  R extends Context = Context,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> = HookOptions<R, I, O, D, S, A>;

/**
 * Makes a middleware for Koa 2 and 3 that runs hooks before the middleware behind it, after it, or both. Put a body parser
 * before it, and {@link problemHandler} first.
 *
 * - Before: the hooks get `ctx.request.body` as `input`, and may change it.
 * - After: when the middleware behind it have run, the hooks get `ctx.body` as `data`, and may change it. They do not see a
 *   string, a buffer, a stream, or a response without a body.
 * - If hooks end the request, a {@link HookProblem} with `status`, `expose` and `headers` is thrown, as `ctx.throw` would throw
 *   its error. What a native hook or a resolver throws is thrown as it is.
 *
 * ```ts
 * app.use(problemHandler());
 * app.use(bodyParser());
 * app.use(wasmHooks(runtime, { before: './plugins/validate_email.wasm' }));
 * ```
 *
 * @param runtime - where the plugins are loaded
 * @param options - the hooks, and what they may see of the request
 * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
 */
export function wasmHooks<
  R extends Context = Context,
  I extends object = JsonObject,
  O = any,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(runtime: HookCaller, options: WasmHooksOptions<R, I, O, D, S, A>): WasmHooksMiddleware {
  const hooks = new RequestHooks<R>('wasmHooks', runtime, options, [], koaRequest);

  const middleware: Middleware = async (given, next) => {
    const ctx = given as unknown as R;
    const run = await hooks.start(ctx, ctx.res);
    if (run === undefined) {
      // The client has disconnected, and Koa must not respond.
      ctx.respond = false;
      return;
    }
    await next();
    if (!hooks.hasAfter || (ctx.status >= 400 && !hooks.afterErrors)) {
      return;
    }
    if (!hooks.hasBefore && hooks.readsBody) {
      // A parser behind this middleware may have read it by now.
      run.setInput(koaRequest.input(ctx));
    }
    await changeBody(ctx, run);
  };
  return Object.assign(middleware, { check: async () => hooks.check() });
}

/**
 * Makes a middleware that responds to requests that hooks ended, with `application/problem+json`. Other errors go on to the
 * middleware before it, and to Koa's own error handling.
 */
export function problemHandler(): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof HookProblem) || ctx.headerSent) {
        throw error;
      }
      ctx.status = error.status;
      ctx.set(error.headers);
      ctx.body = JSON.stringify(error.toJSON());
      ctx.type = problemType;
    }
  };
}
