import type { ExecutionContext } from '@nestjs/common';

import type { JsonObject } from '../../values/json.js';
import type { ExpressRequest } from '../../express/request.js';
import type { HookOptions } from '../../hooks/options/hook-options.js';
import type { SchemaAt } from '../../hooks/schema/schema-at.js';

/**
 * The part of a request that hooks need, with what the application has added to `Express.Request`, such as `user`. On Fastify,
 * declare that a resolver takes a `FastifyRequest`.
 */
export type HookRequest = ExpressRequest;

/** The hooks around handlers, and what they may see of the request. */
export type UseHooksOptions<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
> = HookOptions<R, I, O, D, S, A>;

/** The options of `@UseHooks`, for values of any type. */
export type AnyHooks = UseHooksOptions<any, any, any, any, any, any>;

/** The metadata key of the options. The same in every copy of this package, like Nest's own keys. */
export const HOOKS_METADATA = 'hookcell:hooks';

/** Where a class keeps the names of its methods that were decorated. */
export const HOOKED_METHODS_METADATA = 'hookcell:hooked-methods';

/** A method of a controller. */
export type Handler = ReturnType<ExecutionContext['getHandler']>;
