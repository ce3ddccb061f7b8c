import type { FastifyRequest } from 'fastify';

import type { JsonObject } from '../values/json.js';
import type { HookOptions } from '../hooks/options/hook-options.js';
import type { SchemaAt } from '../hooks/schema/schema-at.js';

/** The hooks around the handler of a route, and what they may see of the request. */
export interface RouteHooks<
  R extends FastifyRequest = FastifyRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> extends HookOptions<R, I, O, D, S, A> {
  /**
   * When the hooks before the handler run. `preValidation`: before the route's schema validates the request, so that their
   * changes are validated too. `preHandler`: after that, right before the handler, so that their changes are not validated.
   * Default `preValidation`.
   */
  beforeAt?: 'preValidation' | 'preHandler' | undefined;
}

/** Hooks of a route, for contexts of any type: a route's `config` has no type parameters. */
export type AnyRouteHooks = RouteHooks<FastifyRequest, any, any, any, any, any>;

/** The options of {@link RouteHooks} that only Fastify has. */
export const routeHookNames: readonly string[] = ['beforeAt'];
