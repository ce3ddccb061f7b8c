import { HookcellError } from '../../errors.js';
import type { HookSettings } from '../options/hook-settings.js';
import type { HookStage } from './failure.js';

/** What a failure has been made of, or the user's own `problem` has given for it: it is told as it is. */
const told = new WeakSet<object>();

/** Remembers that an error is what is told of a failure. */
export function markTold(error: Error): Error {
  told.add(error);
  return error;
}

/**
 * What the framework's error handling is given for what was thrown. What a function of the server throws (a hook, a
 * resolver, a policy, a schema) is its own, save for a refusal of a runtime, whose message names plugins by their paths.
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
