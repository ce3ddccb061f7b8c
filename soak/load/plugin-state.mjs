import { markOf } from './modules.mjs';

/**
 * A plugin that is replaced and unloaded while it is called, as the load knows it: which versions an answer may come
 * from, and whether the plugin may be gone.
 */
export class PluginState {
  #loadedVersion = 0;
  #newestVersion = 0;
  #isGone = true;
  #removals = 0;

  /** @param {string} name what it is called by */
  constructor(name) {
    this.name = name;
  }

  /** What is to be known when a request is sent, for when its answer comes. */
  watch() {
    return { oldest: this.#loadedVersion, wasGone: this.#isGone, removals: this.#removals };
  }

  /** The version to be loaded next. */
  nextVersion() {
    this.#newestVersion += 1;
    return this.#newestVersion;
  }

  /** A load has succeeded. */
  loaded() {
    this.#loadedVersion = this.#newestVersion;
    this.#isGone = false;
  }

  /** It is about to be unloaded. */
  removing() {
    this.#isGone = true;
    this.#removals += 1;
  }

  /** May a call have found it gone, that was sent when {@link watch} was made and is answered now? */
  mayBeGone({ wasGone, removals }) {
    return wasGone || removals !== this.#removals;
  }

  /**
   * The mark, where an answer to such a call may carry it: of this plugin, and of a version no older than what was
   * loaded when the call was sent. Otherwise a text that says so.
   */
  expectedMark({ oldest }, mark) {
    const version = Number(/^t\d\d-v(\d{6})$/.exec(mark)?.[1] ?? Number.NaN);
    const isPossible = version >= oldest && version <= this.#newestVersion && mark === markOf(this.name, version);
    return isPossible ? mark : `a version of ${this.name} from ${oldest} to ${this.#newestVersion}`;
  }
}
