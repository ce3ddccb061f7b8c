import type { CircuitBreaker } from '../circuit/circuit-breaker.js';
import type { HookFailure } from '../failure/failure.js';
import type { Notices } from '../failure/notices.js';
import type { HookCaller } from '../hook-caller.js';
import type { SchemaAt } from '../schema/schema-at.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/** What the requests of one adapter have in common. */
export interface HookSettings<R> {
  readonly runtime: HookCaller;
  readonly schema: { readonly input?: StandardSchema | undefined; readonly data?: StandardSchema | undefined };
  /** When the schema of the input is asked. */
  readonly schemaAt: SchemaAt;
  readonly breaker: CircuitBreaker;
  readonly notices: Notices;
  /** What the framework's error handling is given for a failure. */
  readonly problem: (failure: HookFailure, request: R) => Error;
}
