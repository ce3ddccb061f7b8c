import type { HookcellError } from '../../errors.js';
import type { Fault } from '../../errors.js';

/** Before the handler, or after it. */
export type HookStage = 'before' | 'after';

/** A plugin or a native hook says no. */
export interface RejectedFailure {
  kind: 'rejected';
  stage: HookStage;
  /** The plugin that rejected. None if it was a native hook, or the schema of the input. */
  plugin?: string | undefined;
  /** The reason that it gives. */
  error?: string | undefined;
  /** More about the reason. */
  details?: unknown[] | undefined;
  /** The status that it asks for, 400 to 499. */
  status?: number | undefined;
}

/** A plugin faulted, or what it made of a value does not match the schema (`ERR_RESULT`). */
export interface FaultedFailure {
  kind: 'faulted';
  stage: HookStage;
  plugin: string;
  hook: string;
  /** For a log, not for the client. */
  fault: Fault;
}

/** A plugin has faulted too often lately, and was not called. */
export interface CircuitOpenFailure {
  kind: 'circuit-open';
  stage: HookStage;
  plugin: string;
  hook: string;
  /** When it will be tried again, in milliseconds from now. */
  retryAfterMs: number;
}

/** The host refuses: the queue is full, the context is too large, the plugin is not loaded, … */
export interface RefusedFailure {
  kind: 'refused';
  stage: HookStage;
  error: HookcellError;
  /** Whether the input was still what the client sent. If so, the client caused what is wrong with it. */
  ofClient: boolean;
}

/** Why hooks end a request, whatever the framework. */
export type HookFailure = RejectedFailure | FaultedFailure | CircuitOpenFailure | RefusedFailure;
