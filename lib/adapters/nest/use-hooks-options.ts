import type { JsonObject } from '../../context.js';
import type { HookOptions } from '../hook-options.js';
import type { RequestWithHeaders } from '../resolvers.js';

/** What hooks need of a request; those of Express and of Fastify fit. */
export type HookRequest = RequestWithHeaders;

/** What runs around handlers, and what it may know of the request. */
export type UseHooksOptions<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
> = HookOptions<R, I, O, D, S>;

/** The options of `@UseHooks`, of whatever types. */
export type AnyHooks = UseHooksOptions<any, any, any, any, any>;

/** Where the options are kept. The same in every copy of this package, as Nest's own keys are. */
export const HOOKS_METADATA = 'hookcell:hooks';
