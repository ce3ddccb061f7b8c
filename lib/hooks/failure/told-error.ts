import { HookcellError } from '../../errors.js';
import type { HookSettings } from '../options/hook-settings.js';
import type { HookStage } from './failure.js';

/** The errors made for failures, by hookcell or by the user's `problem`. They go to the framework as they are. */
const told = new WeakSet<object>();

/** Remembers that an error was made for a failure. */
export function markTold(error: Error): Error {
  told.add(error);
  return error;
}

/**
 * The error that the framework's error handling gets for what was thrown. What a function of the server throws (a hook, a
 * resolver, a policy, a schema) stays as it is, except a refusal of a runtime, whose message contains paths of plugins.
 */
export function toldError<R>(
  { problem }: Pick<HookSettings<R>, 'problem'>,
  request: R,
  stage: HookStage,
  error: unknown,
): unknown {
  return error instanceof HookcellError && !told.has(error)
    ? problem({ kind: 'refused', stage, error, ofClient: false }, request)
    : error;
}
