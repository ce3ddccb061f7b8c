import type { Context, MiddlewareHandler } from 'hono';

import type { JsonObject } from '../calls/context.js';
import { failureOf, HookProblem } from '../hooks/failure/problem.js';
import type { HookCaller } from '../hooks/hook-caller.js';
import type { HookOptions } from '../hooks/options/hook-options.js';
import { RequestHooks } from '../hooks/request/request-hooks.js';
import type { InputOfHandler, SchemaAt } from '../hooks/schema/schema-at.js';
import { hookExceptionClass } from './exception.js';
import type { ExceptionBase } from './exception.js';
import { clientOf, honoRequest, readBody } from './request.js';
import { changeResponse } from './response.js';

/** The hooks around the handlers, and what they may see of the request: options are values or functions of the context `c`. */
export type WasmHooksOptions<
  R extends Context = Context,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> = HookOptions<R, I, O, D, S, A>;

/**
 * A middleware for `app.use` or a route. The handlers behind it find the input that the hooks left in `c.var.input` and
 * `c.req.valid('json')`, with the type that the schema makes, and as JSON in `c.req.json()`.
 */
export interface WasmHooksMiddleware<I extends object, O> extends MiddlewareHandler<
  { Variables: { input: O } },
  string,
  { in: { json: I }; out: { json: O } }
> {
  /**
   * Looks up the plugins and their hooks, except those that a function chooses. Await it before the server listens.
   *
   * @throws {@link HookcellError} `ERR_NOT_LOADED` or `ERR_NO_HOOK`, which lists what is missing
   */
  check(): Promise<void>;
}

/** The adapter for the Hono whose `HTTPException` it was given. */
export interface HonoAdapter {
  /**
   * The exception that ends a request if hooks end it: an `HTTPException` with the `failure` and the `headers` of the response.
   * `getResponse()` is the response, as problem details (RFC 9457), which Hono sends if the application has no `onError`.
   */
  HookException: ReturnType<typeof hookExceptionClass>;

  /**
   * Makes a middleware for Hono 4 that runs hooks before the handlers behind it, after them, or both.
   *
   * - Before: the hooks get the JSON of the body as `input`, and may change it. A request without a body is `{}`, and one
   *   whose body is not JSON gets 415, unless the option `input` reads it.
   * - After: the hooks get the JSON of the response as `data`, and may change it. They do not see a response of another type.
   * - If hooks end the request, a {@link HonoAdapter.HookException} is thrown. What a native hook or a resolver throws is
   *   thrown as it is.
   *
   * ```ts
   * app.post('/users', wasmHooks(runtime, { before: './plugins/validate_email.wasm' }), (c) => c.json(c.var.input, 201));
   * ```
   *
   * @param runtime - where the plugins are loaded
   * @param options - the hooks, and what they may see of the request
   * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
   */
  wasmHooks<
    R extends Context = Context,
    I extends object = JsonObject,
    O = any,
    D = unknown,
    S extends object = Record<string, unknown>,
    A extends SchemaAt = 'both',
  >(
    runtime: HookCaller,
    options: WasmHooksOptions<R, I, O, D, S, A>,
  ): WasmHooksMiddleware<I, InputOfHandler<A, O>>;
}

/** Makes the adapter for the Hono that has this class. */
export function honoAdapter(Base: ExceptionBase): HonoAdapter {
  const HookException = hookExceptionClass(Base);
  const parts = honoRequest(Base);

  /** Throws an exception of Hono's kind if hooks end the request. */
  async function exceptional<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw error instanceof HookProblem ? new HookException(error) : error;
    }
  }

  function wasmHooks(runtime: HookCaller, options: HookOptions<any, any, any, any, any, any>) {
    const hooks: RequestHooks<Context> = new RequestHooks<Context>('wasmHooks', runtime, options, [], {
      ...parts,
      // Without hooks before it, the handler may read the body in any way, even as a stream.
      input: (c) => (hooks.hasBefore ? parts.input(c) : {}),
    });
    const readsLate = !hooks.hasBefore && hooks.readsBody;

    const middleware: MiddlewareHandler = async (c, next) => {
      const run = await exceptional(() => hooks.start(c, clientOf(c)));
      if (run === undefined) {
        // The client has disconnected. The status is the one that servers log for that.
        return new Response(null, { status: 499 });
      }
      await next();
      if (hooks.hasAfter && (c.res.status < 400 || (hooks.afterErrors && !endedByHooks(c)))) {
        if (readsLate) {
          run.setInput(await readBody(c));
        }
        await exceptional(() => changeResponse(c, run));
      }
      return undefined;
    };
    return Object.assign(middleware, { check: async () => hooks.check() });
  }

  return { HookException, wasmHooks: wasmHooks as HonoAdapter['wasmHooks'] };
}

/** Hooks must not see the response to what other hooks ended. */
function endedByHooks({ error }: Context): boolean {
  return error !== undefined && failureOf(error.cause ?? error) !== undefined;
}
