import type { CircuitBreaker } from '../circuit/circuit-breaker.js';
import type { HookFailure } from '../failure/failure.js';
import type { Notices } from '../failure/notices.js';
import type { HookCaller } from '../hook-caller.js';
import type { SchemaAt } from '../schema/schema-at.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/** What all requests of one route share. */
export interface HookSettings<R> {
  readonly runtime: HookCaller;
  readonly schema: { readonly input?: StandardSchema | undefined; readonly data?: StandardSchema | undefined };
  /** When the input is checked. */
  readonly schemaAt: SchemaAt;
  readonly breaker: CircuitBreaker;
  readonly notices: Notices;
  /** The error that the framework's error handling gets for a failure. */
  readonly problem: (failure: HookFailure, request: R) => Error;
}
