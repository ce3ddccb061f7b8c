import type { SetState } from '../store/set-state.js';
import type { KeptVersion } from '../store/state-file.js';
import type { Generation } from '../versions/generation.js';
import type { Slot } from '../versions/slot.js';

/** The versions that ran earlier. They stay loaded, so that going back to one takes effect at once. */
export class History {
  readonly #state: SetState;
  readonly #most: number;
  readonly #slots = new Map<string, Slot>();

  /** @param most - the most earlier versions of each plugin */
  constructor(state: SetState, most: number) {
    this.#state = state;
    this.#most = most;
  }

  /** An earlier version that is still loaded. */
  slot(name: string, id: string): Slot | undefined {
    return this.#slots.get(keyOf(name, id));
  }

  /** Every earlier version that is still loaded. */
  slots(): Slot[] {
    return [...this.#slots.values()];
  }

  /**
   * Remembers what runs now and what ran before.
   *
   * @param wanted - the identifiers of the versions that the manifest has, by the names of their plugins
   */
  record(before: Generation, now: Generation, wanted: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.#state.keepOnly(new Set(wanted.keys()));
    for (const [name, ids] of wanted) {
      const state = this.#state.of(name);
      const base = now.deployments.get(name)?.base;
      if (base !== undefined) {
        const version = versionOf(base);
        const earlier = state.active === undefined ? state.kept : [state.active, ...state.kept];
        state.kept = unique(earlier.filter(({ id }) => id !== version.id)).slice(0, this.#most);
        state.active = version;
      }
      this.#state.forgetRollbacks(name, ids);
    }
    this.#holdKept(before);
  }

  /** Lets go of all versions. */
  clear(): void {
    for (const { version } of this.#slots.values()) {
      version.release();
    }
    this.#slots.clear();
  }

  #holdKept(before: Generation): void {
    const kept = new Set<string>();
    for (const { name, base } of before.deployments.values()) {
      if (base !== undefined && this.#isKept(name, base.version.id)) {
        this.#hold(name, base);
      }
    }
    for (const [name, { kept: versions }] of this.#state.entries()) {
      for (const { id } of versions) {
        kept.add(keyOf(name, id));
      }
    }
    for (const [key, { version }] of this.#slots) {
      if (!kept.has(key)) {
        this.#slots.delete(key);
        version.release();
      }
    }
  }

  #isKept(name: string, version: string): boolean {
    return this.#state.of(name).kept.some(({ id }) => id === version);
  }

  #hold(name: string, slot: Slot): void {
    const key = keyOf(name, slot.version.id);
    if (!this.#slots.has(key)) {
      slot.version.hold();
      this.#slots.set(key, slot);
    }
  }
}

function versionOf({ version, entry, manifest }: Slot): KeptVersion {
  return { id: version.id, sha256: entry.sha256, manifest };
}

function unique(versions: readonly KeptVersion[]): KeptVersion[] {
  const ids = versions.map(({ id }) => id);
  return versions.filter(({ id }, index) => ids.indexOf(id) === index);
}

function keyOf(name: string, id: string): string {
  return `${name}@${id}`;
}
