import { internalError } from '../../errors.js';
import type { GrantSettings, LimitOptions, NativeRuntime } from '../../native.js';

/**
 * Gives the addon a call with this context and these settings, both as JSON, under this number. Returns the milliseconds
 * within which to poll, or the text of the reply if the call has ended already: it ran inline, or the addon does not take it.
 * The call may run inline if there is an array for the numbers of that reply.
 */
export type Submit = (
  number: number,
  text: string,
  settings: string | undefined,
  inlineNumbers: Float64Array | undefined,
) => number | string;

/** Runs a hook on the calling thread. Returns the text of the reply, and writes its numbers. */
type RunSync = (
  text: string,
  limits: LimitOptions | undefined,
  numbers: Float64Array,
  grants: GrantSettings | undefined,
) => string;

/** A hook of a plugin, with checked names. What the names mean is looked up by each call when it runs. */
export class PreparedHook {
  readonly key: string;
  readonly hook: string;
  readonly submit: Submit;
  readonly #native: NativeRuntime;
  #runSync: RunSync | undefined;

  /** @throws {@link HookcellError} `ERR_INTERNAL` if the addon fails */
  constructor(native: NativeRuntime, key: string, hook: string) {
    this.#native = native;
    this.key = key;
    this.hook = hook;
    this.submit = prepared(() => native.prepareHook(key, hook));
  }

  /**
   * Most hooks are never called so.
   *
   * @throws {@link HookcellError} `ERR_INTERNAL` if the addon fails
   */
  get runSync(): RunSync {
    return (this.#runSync ??= prepared(() => this.#native.prepareHookSync(this.key, this.hook)));
  }
}

function prepared<T>(prepare: () => T): T {
  try {
    return prepare();
  } catch (cause) {
    throw internalError(cause);
  }
}
