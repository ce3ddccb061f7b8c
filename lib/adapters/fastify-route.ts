import { STATUS_CODES } from 'node:http';

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

import type { JsonObject } from '../context.js';
import { HookcellError } from '../errors.js';
import type { HookOptions } from './hook-options.js';
import type { HookRun } from './hook-run.js';
import type { HookCaller } from './plugin-chain.js';
import { HookProblem, problemDetails, problemType } from './problem.js';
import { RequestHooks } from './request-hooks.js';

/** What runs around the handler of a route, and what it may know of the request. */
export interface RouteHooks<
  R extends FastifyRequest = FastifyRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
> extends HookOptions<R, I, O, D, S> {
  /**
   * When the hooks before the handler run: before the route's schema is looked at, which then holds for what they
   * changed as for what the client sent; or after that and right before the handler, where what they change is not looked at
   * again. Default `preValidation`.
   */
  beforeAt?: 'preValidation' | 'preHandler' | undefined;

  /**
   * Takes what the hooks made of the input. Default: it becomes `request.body`, where they changed it or `input` is
   * given.
   */
  applyInput?: ((request: R, input: O) => void) | undefined;

  /** Whether the hooks after the handler also see an answer whose status is 400 or more. Default `false`. */
  afterErrors?: boolean | undefined;
}

/** Hooks of a route, whatever the shape of its contexts: a route's `config` cannot say it. */
export type AnyRouteHooks = RouteHooks<any, any, any, any, any>;

/** The names of {@link RouteHooks} that are Fastify's own. */
export const routeHookNames: readonly string[] = ['beforeAt', 'applyInput', 'afterErrors'];

/**
 * Adds the hooks to a route that is being defined, behind the ones that it has for the same moment: who may call the
 * route has been asked by then.
 */
export function addHooks(route: RouteOptions, runtime: HookCaller, options: AnyRouteHooks): void {
  const hooks = new RequestHooks<FastifyRequest, any, unknown, unknown, any>(
    `config.hooks of ${route.method} ${route.url}`,
    runtime,
    options,
    routeHookNames,
  );
  const { afterErrors = false, beforeAt = 'preValidation', applyInput = setBody } = options;
  if (beforeAt !== 'preValidation' && beforeAt !== 'preHandler') {
    throw new TypeError(`beforeAt must be 'preValidation' or 'preHandler', got ${String(beforeAt)}`);
  }
  const alwaysApplies = options.input !== undefined || options.applyInput !== undefined;
  const runs = new WeakMap<FastifyRequest, HookRun<FastifyRequest, any, unknown, unknown, any>>();
  const ends = new WeakMap<FastifyRequest, HookProblem | HookcellError>();

  async function before(request: FastifyRequest): Promise<void> {
    const run = await hooks.start(request);
    if (hooks.hasBefore) {
      const input = await run.before();
      if (alwaysApplies || input !== run.input) {
        applyInput(request, input);
      }
    }
    if (hooks.hasAfter) {
      runs.set(request, run);
    }
  }

  async function after(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const run = runs.get(request);
    if (run === undefined || (reply.statusCode >= 400 && !afterErrors)) {
      return payload;
    }
    // Once: what an error handler answers in their place is not for them.
    runs.delete(request);
    return await run.after(payload);
  }

  /** Keeps what ends the request for {@link answer}, on its way to the error handling. */
  async function noting<T>(request: FastifyRequest, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof HookProblem || error instanceof HookcellError) {
        ends.set(request, error);
      }
      throw error;
    }
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const error = ends.get(request);
    if (error === undefined || !isWrittenByFastify(payload, reply.statusCode, error)) {
      return payload;
    }
    reply.type(problemType);
    return JSON.stringify(error instanceof HookProblem ? error : problemDetails(reply.statusCode));
  }

  route[beforeAt] = [...listed(route[beforeAt]), (request: FastifyRequest) => noting(request, before(request))];
  // First of the route's own, since those behind it may compress.
  route.onSend = [answer, ...listed(route.onSend)];
  if (hooks.hasAfter) {
    route.preSerialization = [
      ...listed(route.preSerialization),
      (request: FastifyRequest, reply: FastifyReply, payload: unknown) =>
        noting(request, after(request, reply, payload)),
    ];
  }
}

/**
 * Whether the answer is what Fastify's own error handling makes of the error, which tells the client its message. An error
 * handler of the server has then left it to that, or there is none; whatever else one answers is its own business.
 */
function isWrittenByFastify(payload: unknown, statusCode: number, { code, message }: HookProblem | HookcellError) {
  // In the order in which Fastify writes them.
  return payload === JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message });
}

function listed<T>(hooks: T | T[] | undefined): T[] {
  if (hooks === undefined) {
    return [];
  }
  return Array.isArray(hooks) ? hooks : [hooks];
}

function setBody(request: FastifyRequest, input: unknown): void {
  request.body = input;
}
