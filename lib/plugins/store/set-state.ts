import path from 'node:path';

import { writeAtomically } from './atomic-file.js';
import { withLock } from './file-lock.js';
import { storeError } from './plugin-store.js';
import { readState, textOf } from './state-file.js';
import type { KeptVersion, PluginState, Remembered, TellDamage } from './state-file.js';

/**
 * What a plugin set remembers over a restart: which versions ran and which were rolled back, and the highest serial number of a signed
 * manifest. It makes nothing trusted: a version is only had from a manifest whose digest and signature are checked again.
 */
export class SetState {
  readonly #file: string | undefined;
  readonly #tellDamage: TellDamage;
  readonly #plugins: Map<string, PluginState>;
  #serial: number;
  #written = '';
  #writing: Promise<void> = Promise.resolve();
  /** Plugins that were rolled back here since the state was written. */
  readonly #unwritten = new Set<string>();
  readonly #behind = new Set<string>();
  /** What other processes rolled back, and no manifest had here: this process may have the manifest later than they. */
  readonly #unseen = new Set<string>();

  private constructor(file: string | undefined, remembered: Remembered | undefined, tellDamage: TellDamage) {
    this.#file = file;
    this.#tellDamage = tellDamage;
    this.#plugins = remembered?.plugins ?? new Map();
    this.#serial = remembered?.serial ?? 0;
    this.#written = remembered === undefined ? '' : textOf(remembered);
  }

  /**
   * Reads the state of a set, if there is one.
   *
   * @param directory - the store's; `undefined` to remember nothing
   */
  static async read(directory: string | undefined, tellDamage: TellDamage): Promise<SetState> {
    if (directory === undefined) {
      return new SetState(undefined, undefined, tellDamage);
    }
    const file = path.join(directory, 'state.json');
    return new SetState(file, await readState(file, tellDamage), tellDamage);
  }

  /**
   * Takes over what other processes of the same store have rolled back. What else they remember, such as which version runs there, is
   * not for this process: two that disagree would take turns forever.
   *
   * @throws {@link HookcellError} `ERR_STORE`
   */
  async refresh(): Promise<void> {
    await this.#writing;
    await this.#readOthers();
  }

  /** Plugins that another process has rolled back, which has not taken effect here. */
  get behind(): ReadonlySet<string> {
    return this.#behind;
  }

  /** The rollbacks of these plugins have taken effect here. */
  caughtUp(names: ReadonlySet<string>): void {
    for (const name of names) {
      this.#behind.delete(name);
    }
  }

  /** The highest serial number of the signed manifests that the set has taken. 0 if there was none. */
  get serial(): number {
    return this.#serial;
  }

  /** Another process of the same store may have taken a higher serial number, which counts here as well. */
  async readSerial(): Promise<void> {
    this.takeSerial((await this.#read())?.serial ?? 0);
  }

  /** The set has taken a manifest with this serial number. */
  takeSerial(serial: number): void {
    this.#serial = Math.max(this.#serial, serial);
  }

  /** What is remembered of a plugin. */
  of(name: string): PluginState {
    const known = this.#plugins.get(name);
    if (known !== undefined) {
      return known;
    }
    const state: PluginState = { kept: [], refused: [], rollbacks: 0 };
    this.#plugins.set(name, state);
    return state;
  }

  /** What is remembered, by the names of the plugins. */
  entries(): IterableIterator<[string, PluginState]> {
    return this.#plugins.entries();
  }

  /** Forgets the plugins that are not among these. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#plugins.keys()) {
      if (!names.has(name)) {
        this.#plugins.delete(name);
      }
    }
  }

  /** Every version that is remembered. */
  versions(): KeptVersion[] {
    return [...this.#plugins.values()].flatMap(({ active, kept }) =>
      active === undefined ? kept : kept.concat(active),
    );
  }

  /** A plugin is rolled back here, which no process of the same store may undo. */
  rollBack(name: string, refused: string[]): void {
    const state = this.of(name);
    state.refused = refused;
    state.rollbacks += 1;
    this.#unwritten.add(name);
  }

  /** Forgets rollbacks of versions that the manifest no longer has. */
  forgetRollbacks(name: string, ids: ReadonlySet<string>): void {
    const state = this.of(name);
    for (const id of ids) {
      this.#unseen.delete(`${name}@${id}`);
    }
    state.refused = state.refused.filter((id) => ids.has(id) || this.#unseen.has(`${name}@${id}`));
  }

  /**
   * Writes the state, if it has changed. A rollback of another process is kept, and is in {@link SetState.behind} then.
   *
   * @throws {@link HookcellError} `ERR_STORE`
   */
  async save(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#text() === this.#written) {
      return;
    }
    const writing = this.#writing.then(() => this.#write(file));
    this.#writing = writing.catch(() => {});
    try {
      await writing;
    } catch (cause) {
      throw storeError(path.dirname(file), cause);
    }
  }

  /** No other process writes between the look at what the others have rolled back and the write. */
  #write(file: string): Promise<void> {
    return withLock(`${file}.lock`, async () => {
      await this.#readOthers();
      const text = this.#text();
      const written = [...this.#unwritten];
      await writeAtomically(file, text);
      this.#written = text;
      for (const name of written) {
        this.#unwritten.delete(name);
      }
    });
  }

  /** Of each plugin, the later state counts. */
  async #readOthers(): Promise<void> {
    const { plugins = new Map<string, PluginState>(), serial = 0 } = (await this.#read()) ?? {};
    this.takeSerial(serial);
    for (const [name, state] of plugins) {
      const own = this.of(name);
      if (this.#unwritten.has(name)) {
        own.rollbacks = Math.max(own.rollbacks, state.rollbacks + 1);
      } else if (state.rollbacks > own.rollbacks) {
        this.#plugins.set(name, state);
        this.#behind.add(name);
        for (const id of state.refused) {
          this.#unseen.add(`${name}@${id}`);
        }
      } else if (state.rollbacks < own.rollbacks) {
        // The file was put back, or a process wrote over it that stood still for long.
        this.#written = '';
      }
    }
  }

  async #read(): Promise<Remembered | undefined> {
    return this.#file === undefined
      ? undefined
      : await readState(this.#file, (problem) => {
          // It is told once, and written anew.
          if (this.#written !== '') {
            this.#written = '';
            this.#tellDamage(problem);
          }
        });
  }

  #text(): string {
    return textOf({ plugins: this.#plugins, serial: this.#serial });
  }
}
