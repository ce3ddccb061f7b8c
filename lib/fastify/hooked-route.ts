import { STATUS_CODES } from 'node:http';

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

import { setPayloadHooks } from './payload-hooks.js';
import { routeHookNames } from './route-hooks.js';
import type { AnyRouteHooks } from './route-hooks.js';
import { noteProblem } from './problem.js';
import type { HookRun } from '../hooks/hook-run.js';
import type { LoadedPlugins, MissingHook } from '../hooks/failure/missing-hooks.js';
import type { HookCaller } from '../hooks/hook-caller.js';
import type { Logger } from '../diagnostics.js';
import { nodeRequest } from '../hooks/request/node-request.js';
import type { RequestParts } from '../hooks/request/node-request.js';
import { RequestHooks } from '../hooks/request/request-hooks.js';
import { isServerMistake } from '../hooks/failure/server-mistake.js';

/**
 * Adds hooks to a route that is being defined, after the Fastify hooks that it already has, such as those that authorize a
 * request.
 *
 * @param log - the server's log, if it has one
 */
export function addHooks(
  route: RouteOptions,
  runtime: HookCaller,
  options: AnyRouteHooks,
  log: Logger | undefined,
): HookedRoute {
  const hooked = new HookedRoute(`config.hooks of ${route.method} ${route.url}`, runtime, options, log);
  route[hooked.beforeAt] = [...listed(route[hooked.beforeAt]), hooked.before];
  if (hooked.hasAfter) {
    route.preSerialization = [...listed(route.preSerialization), hooked.serializing];
  }
  return hooked;
}

/** A route with hooks: what Fastify calls for it. */
export class HookedRoute {
  readonly beforeAt: 'preValidation' | 'preHandler';
  readonly #hooks: RequestHooks<FastifyRequest>;
  /** The requests whose handler has not responded yet. */
  readonly #runs = new WeakMap<FastifyRequest, HookRun<FastifyRequest>>();

  constructor(owner: string, runtime: HookCaller, options: AnyRouteHooks, log: Logger | undefined) {
    this.#hooks = new RequestHooks(owner, runtime, options, routeHookNames, fastifyRequest(log));
    const { beforeAt = 'preValidation' } = options;
    if (beforeAt !== 'preValidation' && beforeAt !== 'preHandler') {
      throw new TypeError(`beforeAt must be 'preValidation' or 'preHandler', got ${String(beforeAt)}`);
    }
    this.beforeAt = beforeAt;
  }

  /** The declared plugins and hooks that are missing. */
  missing(loaded: LoadedPlugins): MissingHook[] {
    return this.#hooks.missing(loaded);
  }

  get hasAfter(): boolean {
    return this.#hooks.hasAfter;
  }

  readonly before = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const run = await this.#noting(request, this.#hooks.start(request, reply.raw));
    if (run === undefined) {
      // The client has disconnected, and Fastify would log a response as failed.
      reply.hijack();
    } else if (this.hasAfter) {
      this.#runs.set(request, run);
    }
  };

  /** The hooks after the handler see the response when it is serialized, as the client would get it. */
  readonly serializing = (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ): void => {
    const run = this.#runs.get(request);
    if (run !== undefined && (reply.statusCode < 400 || this.#hooks.afterErrors)) {
      // Once: they must not see what an error handler sends instead.
      this.#runs.delete(request);
      setPayloadHooks(request, {
        change: (data) => this.#noting(request, run.after(data)),
        refuse: (error) => run.refuse(error),
      });
    }
    done(null, payload);
  };

  /** Remembers the error that ends a request, for {@link problemPayload}. */
  async #noting<T>(request: FastifyRequest, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      const error = isServerMistake(thrown) ? hiddenError(thrown) : thrown;
      noteProblem(request, error);
      throw error;
    }
  }
}

/** Fastify shows clients the message of every error, and the stack of it where a response schema has one. */
function hiddenError(cause: TypeError): Error {
  const error = new Error(STATUS_CODES[500], { cause });
  error.stack = `Error: ${error.message}`;
  return error;
}

function listed<T>(hooks: T | T[] | undefined): T[] {
  if (hooks === undefined) {
    return [];
  }
  return Array.isArray(hooks) ? hooks : [hooks];
}

/** The parts of a request, and its own log if the server has one. */
function fastifyRequest(log: Logger | undefined): RequestParts<FastifyRequest> {
  const parts = { ...nodeRequest, log };
  return log === undefined ? parts : { ...parts, logger: (request: FastifyRequest) => request.log };
}
