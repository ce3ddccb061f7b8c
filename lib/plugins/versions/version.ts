import type { PluginInfo } from '../../loads/plugin-info.js';

/** A version that is loaded. It stays loaded as long as something holds it: the set, or a request that runs it. */
export class Version {
  readonly name: string;
  readonly id: string;
  /** The number of fixtures that it passed. */
  readonly fixtures: number;
  readonly info: PluginInfo;
  readonly #unload: (version: Version) => void;
  #holders = 0;

  /** @param unload - called once, when the last holder lets go */
  constructor(
    { name, id, info, fixtures }: { name: string; id: string; info: PluginInfo; fixtures: number },
    unload: (version: Version) => void,
  ) {
    this.name = name;
    this.id = id;
    this.fixtures = fixtures;
    this.info = info;
    this.#unload = unload;
  }

  /** Is it still loaded? */
  get isHeld(): boolean {
    return this.#holders > 0;
  }

  hold(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) {
      this.#unload(this);
    }
  }
}
