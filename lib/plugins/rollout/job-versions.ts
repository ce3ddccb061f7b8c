import type { Slot } from '../versions/slot.js';

/** Versions of jobs that neither run nor are kept. The last few stay loaded, because many jobs have the same. */
export class JobVersions {
  readonly #most: number;
  /** In the order in which they were last used. */
  readonly #slots = new Map<string, Slot>();
  #isClosed = false;

  /** @param most - the most versions that stay loaded when no job runs them */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * A version, held: one that is still loaded, or what `load` gives.
   *
   * @param load - gives a version that is held for the caller; `undefined` if it cannot be had
   */
  async hold(name: string, id: string, load: () => Promise<Slot | undefined>): Promise<Slot | undefined> {
    const key = `${name}@${id}`;
    const known = this.#slots.get(key);
    known?.version.hold();
    const slot = known ?? (await load());
    if (slot !== undefined && !this.#isClosed) {
      this.#keep(key, slot);
    }
    return slot;
  }

  /** Lets go of all versions. */
  close(): void {
    this.#isClosed = true;
    for (const { version } of this.#slots.values()) {
      version.release();
    }
    this.#slots.clear();
  }

  /** Those that were not used lately make room. */
  #keep(key: string, slot: Slot): void {
    const known = this.#slots.get(key);
    if (known === undefined) {
      slot.version.hold();
    }
    this.#slots.delete(key);
    this.#slots.set(key, known ?? slot);
    for (const [oldest, { version }] of this.#slots) {
      if (this.#slots.size <= this.#most) {
        return;
      }
      this.#slots.delete(oldest);
      version.release();
    }
  }
}
