import type { JsonObject } from '../../context.js';
import type { HookOptions } from '../hook-options.js';
import type { RequestWithHeaders } from '../resolvers.js';

/** What hooks need of a request; those of Express and of Fastify fit. */
export type HookRequest = RequestWithHeaders;

/** What runs around handlers, and what it may know of the request. */
export interface UseHooksOptions<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
> extends HookOptions<R, I, O, D, S> {
  /**
   * Takes what the hooks made of the input. Default: it becomes the request's body, and so what pipes and `@Body()` see,
   * where they changed it or `input` is given.
   */
  applyInput?: ((request: R, input: O) => void) | undefined;

  /** Whether the hooks after the handler also see an answer whose status is 400 or more. Default `false`. */
  afterErrors?: boolean | undefined;
}

/** The options of `@UseHooks`, of whatever types. */
export type AnyHooks = UseHooksOptions<any, any, any, any, any>;

/** The names of options that are not every adapter's. */
export const ownOptionNames = ['applyInput', 'afterErrors'] as const;

/** Where the options are kept. The same in every copy of this package, as Nest's own keys are. */
export const HOOKS_METADATA = 'hookcell:hooks';
