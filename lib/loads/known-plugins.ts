import type { NativeRuntime } from '../native.js';
import type { NumberedPlugin, PluginInfo } from './plugin-info.js';

/** Beyond what is loaded, so many plugins are remembered before those that are gone are looked for. */
const MOST_GONE = 64;

/**
 * What the addon has said of the plugins of one runtime. It says it once of each, since a list of a thousand plugins with
 * hundreds of hooks would hold up the event loop for 140 ms.
 */
export class KnownPlugins {
  readonly #native: NativeRuntime;
  #byNumber = new Map<number, PluginInfo>();
  /** How many may be known before those that are gone are forgotten. */
  #most = MOST_GONE;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** Remembers a plugin, and gives what there is to know of it. */
  add({ number, ...info }: NumberedPlugin): PluginInfo {
    const known = this.#byNumber.get(number);
    if (known !== undefined) {
      return known;
    }
    Object.freeze(info.hooks);
    Object.freeze(info.memory);
    Object.freeze(info.isolate);
    this.#byNumber.set(number, Object.freeze(info));
    if (this.#byNumber.size > this.#most) {
      this.list();
    }
    return info;
  }

  /** The plugins that are loaded, sorted by key. */
  list(): PluginInfo[] {
    const { numbers, others } = this.#native.plugins([...this.#byNumber.keys()]);
    this.#most = Infinity;
    for (const other of JSON.parse(others) as NumberedPlugin[]) {
      this.add(other);
    }
    const loaded = numbers.map((number) => [number, this.#byNumber.get(number) as PluginInfo] as const);
    this.#byNumber = new Map(loaded);
    this.#most = 2 * loaded.length + MOST_GONE;
    return loaded.map(([, info]) => info);
  }
}
