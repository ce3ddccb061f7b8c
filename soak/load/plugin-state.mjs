import { markOf } from './modules.mjs';

/**
 * What the load knows of a plugin that is replaced and unloaded while it is called: which versions a result may come from,
 * and whether the plugin may be gone.
 */
export class PluginState {
  #loadedVersion = 0;
  #newestVersion = 0;
  #isGone = true;
  #removals = 0;

  /** @param {string} name its name in calls */
  constructor(name) {
    this.name = name;
  }

  /** The state when a request is sent, to judge its response by. */
  watch() {
    return { oldest: this.#loadedVersion, wasGone: this.#isGone, removals: this.#removals };
  }

  /** The next version to load. */
  nextVersion() {
    this.#newestVersion += 1;
    return this.#newestVersion;
  }

  /** The load has succeeded. */
  loaded() {
    this.#loadedVersion = this.#newestVersion;
    this.#isGone = false;
  }

  /** The plugin is about to be unloaded. */
  removing() {
    this.#isGone = true;
    this.#removals += 1;
  }

  /** May a call that was sent at the time of {@link watch} and returned now have found no plugin? */
  mayBeGone({ wasGone, removals }) {
    return wasGone || removals !== this.#removals;
  }

  /**
   * The mark, if the result of such a call may have it: it is of this plugin, and of no older version than the one that was
   * loaded when the call was sent. Otherwise a text that says so.
   */
  expectedMark({ oldest }, mark) {
    const version = Number(/^t\d\d-v(\d{6})$/.exec(mark)?.[1] ?? Number.NaN);
    const isPossible = version >= oldest && version <= this.#newestVersion && mark === markOf(this.name, version);
    return isPossible ? mark : `a version of ${this.name} from ${oldest} to ${this.#newestVersion}`;
  }
}
