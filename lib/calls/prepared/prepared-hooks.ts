import { checkHookName } from '../hook-name.js';
import type { NativeRuntime } from '../../native.js';
import { pluginKey } from '../../loads/plugin-key.js';
import { PreparedHook } from './prepared-hook.js';

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
    const preparedHook = new PreparedHook(this.#native, key, hook);
    // A URL is an object that can change.
    if (typeof plugin === 'string' && plugin.length <= MOST_LENGTH && hook.length <= MOST_LENGTH) {
      this.#remember(plugin, preparedHook);
    }
    return preparedHook;
  }

  #remember(plugin: string, preparedHook: PreparedHook): void {
    if (this.#count >= MOST_HOOKS) {
      this.#known.clear();
      this.#count = 0;
    }
    this.#count += 1;
    const hooks = this.#known.get(plugin);
    if (hooks === undefined) {
      this.#known.set(plugin, new Map([[preparedHook.hook, preparedHook]]));
    } else {
      hooks.set(preparedHook.hook, preparedHook);
    }
  }
}
