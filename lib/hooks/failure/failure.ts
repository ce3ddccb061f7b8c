import type { HookcellError } from '../../errors.js';
import type { Fault } from '../../calls/result.js';

/** Before the handler, or after it. */
export type HookStage = 'before' | 'after';

/** A plugin or a native hook says no. */
export interface RejectedFailure {
  kind: 'rejected';
  stage: HookStage;
  /** The plugin that said it; none where it was a native hook, or the schema of the input. */
  plugin?: string | undefined;
  /** Why, in its own words. */
  error?: string | undefined;
  /** More about it. */
  details?: unknown[] | undefined;
  /** The status that it asks for, 400 to 499. */
  status?: number | undefined;
}

/** A plugin failed, or changed something to what the schema refuses (`ERR_RESULT`). */
export interface FaultedFailure {
  kind: 'faulted';
  stage: HookStage;
  plugin: string;
  hook: string;
  /** For a log, and not for the client. */
  fault: Fault;
}

/** A plugin has failed too often of late, and was not called. */
export interface CircuitOpenFailure {
  kind: 'circuit-open';
  stage: HookStage;
  plugin: string;
  hook: string;
  /** When it will be tried again, in milliseconds from now. */
  retryAfterMs: number;
}

/** The host refuses: no room in the queue, a context that is too large, a plugin that is not loaded, … */
export interface RefusedFailure {
  kind: 'refused';
  stage: HookStage;
  error: HookcellError;
  /** Whether the input was still what the client sent: what is wrong with it then is the client's doing. */
  ofClient: boolean;
}

/** Why hooks end a request, whatever the framework. */
export type HookFailure = RejectedFailure | FaultedFailure | CircuitOpenFailure | RefusedFailure;
