import { internalError } from '../errors.js';
import { checkHookName } from './hook-name.js';
import type { CallSettings, NativeRuntime } from '../native.js';
import { pluginKey } from '../loads/plugin-key.js';

/**
 * Gives the addon a call with this context, under this number. Returns the milliseconds within which to poll, or the reply
 * if the call has ended already: it ran inline, or the addon does not take it.
 */
export type Submit = (
  number: number,
  text: string,
  settings: CallSettings | undefined,
  mayRunInline: boolean,
) => number | string;

/** A hook of a plugin, with checked names. What the names mean is looked up by each call when it runs. */
export interface PreparedHook {
  readonly key: string;
  readonly hook: string;
  readonly submit: Submit;
}

/** The most hooks to remember. A server calls far fewer, and a caller of ever new names must not fill the memory. */
const MOST_HOOKS = 1_024;

/** The longest name to remember, in UTF-16 units. */
const MOST_LENGTH = 1_024;

/** The hooks that a runtime was asked for, so that a call neither checks its names again nor passes them to the addon. */
export class PreparedHooks {
  readonly #native: NativeRuntime;
  /** By the plugin as the caller spells it, and by the hook's name. */
  readonly #known = new Map<string, Map<string, PreparedHook>>();
  #count = 0;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /**
   * @throws `TypeError` for an invalid name
   * @throws {@link HookcellError} `ERR_INTERNAL` if the addon fails
   */
  get(plugin: string | URL, hook: string): PreparedHook {
    return this.#known.get(plugin as string)?.get(hook) ?? this.#prepare(plugin, hook);
  }

  #prepare(plugin: string | URL, hook: string): PreparedHook {
    const key = pluginKey(plugin);
    checkHookName(hook);
    const prepared = { key, hook, submit: this.#submitter(key, hook) };
    // A URL is an object that can change.
    if (typeof plugin === 'string' && plugin.length <= MOST_LENGTH && hook.length <= MOST_LENGTH) {
      this.#remember(plugin, prepared);
    }
    return prepared;
  }

  #submitter(key: string, hook: string): Submit {
    try {
      return this.#native.prepareHook(key, hook);
    } catch (cause) {
      throw internalError(cause);
    }
  }

  #remember(plugin: string, prepared: PreparedHook): void {
    if (this.#count >= MOST_HOOKS) {
      this.#known.clear();
      this.#count = 0;
    }
    this.#count += 1;
    const hooks = this.#known.get(plugin);
    if (hooks === undefined) {
      this.#known.set(plugin, new Map([[prepared.hook, prepared]]));
    } else {
      hooks.set(prepared.hook, prepared);
    }
  }
}
