import type { FastifyRequest } from 'fastify';

import type { JsonObject } from '../calls/context.js';
import type { HookOptions } from '../hooks/options/hook-options.js';
import type { SchemaAt } from '../hooks/schema/schema-at.js';

/** What runs around the handler of a route, and what it may know of the request. */
export interface RouteHooks<
  R extends FastifyRequest = FastifyRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> extends HookOptions<R, I, O, D, S, A> {
  /**
   * When the hooks before the handler run: before the route's schema is looked at, which then holds for what they
   * changed as for what the client sent; or after that and right before the handler, where what they change is not looked at
   * again. Default `preValidation`.
   */
  beforeAt?: 'preValidation' | 'preHandler' | undefined;
}

/** Hooks of a route, whatever the shape of its contexts: a route's `config` cannot say it. */
export type AnyRouteHooks = RouteHooks<FastifyRequest, any, any, any, any, any>;

/** The names of {@link RouteHooks} that are Fastify's own. */
export const routeHookNames: readonly string[] = ['beforeAt'];
