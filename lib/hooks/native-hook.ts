import type { WholeContext } from '../calls/context.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { refuseUnknownOptions } from './options/option-names.js';
import { serverMistake } from './failure/server-mistake.js';
import { HookRejection } from './rejection.js';

/**
 * What a native hook gets: what a plugin sees, and the session. The object is frozen: a hook returns its changes and does
 * not assign them.
 *
 * @typeParam I - the shape of `input`
 * @typeParam D - the shape of `data`
 * @typeParam S - the shape of `session`
 */
export interface NativeContext<I extends object, D, S extends object> extends Readonly<WholeContext<I, D>> {
  /** An object that all native hooks of the request share. Plugins never see it. */
  readonly session: S;
}

/** What a native hook changes. What is left out or `undefined` stays as it is. */
export interface HookChanges<I extends object, D> {
  input?: I | undefined;
  data?: D | null | undefined;
}

/**
 * A function of the server among the hooks. It returns nothing to accept, {@link HookChanges} to accept with changes, or a
 * {@link HookRejection | rejection}. What it throws goes to the framework's error handling, as from any code of the server.
 */
export type NativeHook<I extends object, D, S extends object> = (
  context: NativeContext<I, D, S>,
) => NativeResult<I, D> | Promise<NativeResult<I, D>>;

// `void`, because most hooks return nothing.
// oxlint-disable-next-line typescript/no-invalid-void-type
type NativeResult<I extends object, D> = HookChanges<I, D> | HookRejection | undefined | void;

/** Parses what a native hook returned. A mistake in it is an error, and does not accept the request. */
export function parseNativeResult(
  hook: string,
  result: unknown,
): HookChanges<object, unknown> | HookRejection | undefined {
  if (result === undefined || result instanceof HookRejection) {
    return result;
  }
  refuseUnknownOptions(`what ${hook} returned`, result, ['input', 'data']);
  const changes = result as HookChanges<object, unknown>;
  if (changes.input !== undefined && !isRecord(changes.input)) {
    throw serverMistake(`the input that ${hook} returned must be an object, got ${kindOf(changes.input)}`);
  }
  return changes;
}
