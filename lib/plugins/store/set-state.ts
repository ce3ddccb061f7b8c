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

/**
 * What a plugin set remembers over a restart: which versions ran and which were rolled back. It is a hint and decides no trust: a
 * version is only had from a manifest whose digest and signature are checked again.
 */
export class SetState {
  readonly #file: string | undefined;
  #plugins: Map<string, PluginState>;
  #written = '';
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, plugins: Map<string, PluginState>) {
    this.#file = file;
    this.#plugins = plugins;
    this.#written = textOf(plugins);
  }

  /**
   * Reads the state of a set, if there is one.
   *
   * @param directory - the store's; `undefined` to remember nothing
   */
  static async read(directory: string | undefined): Promise<SetState> {
    if (directory === undefined) {
      return new SetState(undefined, new Map());
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
    const plugins = await readState(this.#file);
    const text = textOf(plugins);
    if (text === this.#written) {
      return false;
    }
    this.#plugins = plugins;
    this.#written = text;
    return true;
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
    const text = this.#text();
    if (file === undefined || text === this.#written) {
      return;
    }
    const writing = this.#writing.then(() => writeAtomically(file, text));
    this.#writing = writing.catch(() => {});
    try {
      await writing;
      this.#written = text;
    } catch (cause) {
      throw storeError(path.dirname(file), cause);
    }
  }

  #text(): string {
    return textOf(this.#plugins);
  }
}

function textOf(all: ReadonlyMap<string, PluginState>): string {
  const plugins = [...all].filter(
    ([, { active, kept, refused }]) => active !== undefined || kept.length > 0 || refused.length > 0,
  );
  return `${JSON.stringify({ format: FORMAT, plugins: Object.fromEntries(plugins) })}\n`;
}

async function readState(file: string): Promise<Map<string, PluginState>> {
  try {
    return parseState((await readBounded(file, MOST_BYTES)).toString());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) {
      return new Map();
    }
    throw storeError(path.dirname(file), error);
  }
}

/** A state that is damaged or of another format is no state. */
function parseState(text: string): Map<string, PluginState> {
  const value: unknown = JSON.parse(text);
  const { format, plugins } = (isRecord(value) ? value : {}) as { format?: unknown; plugins?: unknown };
  if (format !== FORMAT || !isRecord(plugins)) {
    return new Map();
  }
  return new Map(Object.entries(plugins).map(([name, state]) => [name, parsePluginState(state)]));
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
