import path from 'node:path';

import { isRecord } from '../../values/value-kind.js';
import { writeAtomically } from './atomic-file.js';
import { readBounded } from './bounded-file.js';
import { storeError } from './plugin-store.js';

/** A version that can be had again: an entry of a manifest that is kept. */
export interface KeptVersion {
  /** The identifier of the version. */
  readonly id: string;
  /** The SHA-256 of its module. */
  readonly sha256: string;
  /** The SHA-256 of the manifest that has its entry. */
  readonly manifest: string;
}

/** What is remembered of one plugin. */
export interface PluginState {
  /** The version that runs. */
  active?: KeptVersion | undefined;
  /** Versions that ran before, the latest first. */
  kept: KeptVersion[];
  /** Versions that were rolled back, although the manifest has them. */
  refused: string[];
}

const FORMAT = 1;
const MOST_BYTES = 16_777_216;

/** What a file of a state has. */
interface Remembered {
  readonly plugins: Map<string, PluginState>;
  readonly serial: number;
}

/**
 * What a plugin set remembers over a restart: which versions ran and which were rolled back, and the highest serial number of a signed
 * manifest. It makes nothing trusted: a version is only had from a manifest whose digest and signature are checked again.
 */
export class SetState {
  readonly #file: string | undefined;
  #plugins: Map<string, PluginState>;
  #serial: number;
  #written = '';
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, remembered: Remembered) {
    this.#file = file;
    this.#plugins = remembered.plugins;
    this.#serial = remembered.serial;
    this.#written = textOf(remembered);
  }

  /**
   * Reads the state of a set, if there is one.
   *
   * @param directory - the store's; `undefined` to remember nothing
   */
  static async read(directory: string | undefined): Promise<SetState> {
    if (directory === undefined) {
      return new SetState(undefined, nothing());
    }
    const file = path.join(directory, 'state.json');
    return new SetState(file, await readState(file));
  }

  /**
   * Reads the state again, because another process of the same store may have rolled back a plugin.
   *
   * @returns whether it is another one than this process wrote or read last
   */
  async refresh(): Promise<boolean> {
    if (this.#file === undefined) {
      return false;
    }
    await this.#writing;
    const remembered = await readState(this.#file);
    this.takeSerial(remembered.serial);
    const text = textOf(remembered);
    if (text === this.#written) {
      return false;
    }
    this.#plugins = remembered.plugins;
    this.#written = text;
    return true;
  }

  /** The highest serial number of the signed manifests that the set has taken. 0 if there was none. */
  get serial(): number {
    return this.#serial;
  }

  /** Another process of the same store may have taken a higher serial number, which counts here as well. */
  async readSerial(): Promise<void> {
    if (this.#file !== undefined) {
      this.takeSerial((await readState(this.#file)).serial);
    }
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
    const state: PluginState = { kept: [], refused: [] };
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

  /**
   * Writes the state, if it has changed.
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

  async #write(file: string): Promise<void> {
    if (this.#serial > 0) {
      await this.readSerial();
    }
    const text = this.#text();
    await writeAtomically(file, text);
    this.#written = text;
  }

  #text(): string {
    return textOf({ plugins: this.#plugins, serial: this.#serial });
  }
}

function nothing(): Remembered {
  return { plugins: new Map(), serial: 0 };
}

function textOf({ plugins: all, serial }: Remembered): string {
  const plugins = [...all].filter(
    ([, { active, kept, refused }]) => active !== undefined || kept.length > 0 || refused.length > 0,
  );
  return `${JSON.stringify({ format: FORMAT, ...(serial > 0 && { serial }), plugins: Object.fromEntries(plugins) })}\n`;
}

async function readState(file: string): Promise<Remembered> {
  try {
    return parseState((await readBounded(file, MOST_BYTES)).toString());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) {
      return nothing();
    }
    throw storeError(path.dirname(file), error);
  }
}

/** A state that is damaged or of another format is no state. */
function parseState(text: string): Remembered {
  const value: unknown = JSON.parse(text);
  const { format, serial = 0, plugins } = (isRecord(value) ? value : {}) as Partial<Record<string, unknown>>;
  if (format !== FORMAT || !isRecord(plugins)) {
    return nothing();
  }
  return {
    plugins: new Map(Object.entries(plugins).map(([name, state]) => [name, parsePluginState(state)])),
    serial: Number.isSafeInteger(serial) ? Math.max(0, serial as number) : 0,
  };
}

function parsePluginState(value: unknown): PluginState {
  const { active, kept, refused } = (isRecord(value) ? value : {}) as Partial<Record<keyof PluginState, unknown>>;
  return {
    active: parseVersion(active),
    kept: Array.isArray(kept) ? kept.flatMap((each) => parseVersion(each) ?? []) : [],
    refused: Array.isArray(refused) ? refused.filter((each): each is string => typeof each === 'string') : [],
  };
}

const ID = /^[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;

function parseVersion(value: unknown): KeptVersion | undefined {
  const { id, sha256, manifest } = (isRecord(value) ? value : {}) as Partial<Record<keyof KeptVersion, unknown>>;
  return matches(id, ID) && matches(sha256, DIGEST) && matches(manifest, DIGEST) ? { id, sha256, manifest } : undefined;
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
