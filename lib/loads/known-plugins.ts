import type { NativeRuntime } from '../native.js';
import type { NumberedPlugin, PluginInfo } from './plugin-info.js';

/** The number of unloaded plugins to remember before they are looked for and forgotten. */
const MOST_GONE = 64;

/**
 * What the addon has said about the plugins of one runtime. It describes each plugin once, because a list of a thousand
 * plugins with hundreds of hooks would block the event loop for 140 ms.
 */
export class KnownPlugins {
  readonly #native: NativeRuntime;
  #byNumber = new Map<number, PluginInfo>();
  /** The latest of each key. */
  readonly #digests = new Map<string, string>();
  /** The number of known plugins above which unloaded ones are forgotten. */
  #most = MOST_GONE;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** Remembers a plugin, and returns its description. */
  add({ number, ...info }: NumberedPlugin): PluginInfo {
    const known = this.#byNumber.get(number);
    if (known !== undefined) {
      return known;
    }
    Object.freeze(info.hooks);
    Object.freeze(info.memory);
    Object.freeze(info.isolate);
    Object.freeze(info.metadata);
    this.#byNumber.set(number, Object.freeze(info));
    this.#digests.set(info.key, info.sha256);
    if (this.#byNumber.size > this.#most) {
      this.list();
    }
    return info;
  }

  /** The digest of the plugin with this key, as far as it is known. */
  digestOf(key: string): string | undefined {
    return this.#digests.get(key);
  }

  /** The loaded plugins, sorted by key. */
  list(): PluginInfo[] {
    const { numbers, others } = this.#native.plugins([...this.#byNumber.keys()]);
    this.#most = Infinity;
    for (const other of JSON.parse(others) as NumberedPlugin[]) {
      this.add(other);
    }
    const loaded = numbers.map((number) => [number, this.#byNumber.get(number) as PluginInfo] as const);
    this.#byNumber = new Map(loaded);
    this.#digests.clear();
    for (const [, { key, sha256 }] of loaded) {
      this.#digests.set(key, sha256);
    }
    this.#most = 2 * loaded.length + MOST_GONE;
    return loaded.map(([, info]) => info);
  }
}
