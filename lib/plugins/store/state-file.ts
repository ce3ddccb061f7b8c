import path from 'node:path';

import { shown } from '../../values/shown-text.js';
import { isRecord } from '../../values/value-kind.js';
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
  /** Grows with each rollback, in whichever process. Of two states of a plugin, that with more rollbacks is the later one. */
  rollbacks: number;
}

const FORMAT = 1;
const MOST_BYTES = 16_777_216;

const ID = /^[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** What a file of a state has. */
export interface Remembered {
  readonly plugins: Map<string, PluginState>;
  readonly serial: number;
}

/** Is told what is wrong with a file of a state, which then counts as none. */
export type TellDamage = (problem: string) => void;

/** The content of a state's file. */
export function textOf({ plugins: all, serial }: Remembered): string {
  const plugins = [...all].filter(
    ([, { active, kept, refused }]) => active !== undefined || kept.length > 0 || refused.length > 0,
  );
  return `${JSON.stringify({ format: FORMAT, ...(serial > 0 && { serial }), plugins: Object.fromEntries(plugins) })}\n`;
}

/**
 * Reads the file of a state.
 *
 * @returns `undefined` if there is none, or one that is damaged or of another format
 * @throws {@link HookcellError} `ERR_STORE` if it cannot be read
 */
export async function readState(file: string, tellDamage: TellDamage): Promise<Remembered | undefined> {
  let text;
  try {
    text = (await readBounded(file, MOST_BYTES)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw storeError(path.dirname(file), error);
  }
  try {
    return parseState(text);
  } catch (error) {
    const lost = 'which versions ran, rollbacks and the serial number are forgotten';
    tellDamage(`the state in ${file} is not used: ${(error as Error).message}; ${lost}`);
    return undefined;
  }
}

/** @throws an error that says what is wrong with it */
function parseState(text: string): Remembered {
  const value: unknown = JSON.parse(text);
  const { format, serial = 0, plugins } = (isRecord(value) ? value : {}) as Partial<Record<string, unknown>>;
  if (format !== FORMAT || !isRecord(plugins)) {
    throw new TypeError(`it is not of the format ${FORMAT}`);
  }
  if (!isCount(serial)) {
    throw new TypeError('its serial number is wrong');
  }
  return {
    plugins: new Map(Object.entries(plugins).map(([name, state]) => [name, parsePluginState(name, state)])),
    serial,
  };
}

function parsePluginState(name: string, value: unknown): PluginState {
  const members = (isRecord(value) ? value : {}) as Partial<Record<keyof PluginState, unknown>>;
  const { active, kept, refused, rollbacks = 0 } = members;
  const isState =
    (active === undefined || isVersion(active)) &&
    Array.isArray(kept) &&
    kept.every(isVersion) &&
    Array.isArray(refused) &&
    refused.every((id) => matches(id, ID)) &&
    isCount(rollbacks);
  if (!isState) {
    throw new TypeError(`what it has of '${shown(name)}' is wrong`);
  }
  return { active, kept, refused, rollbacks };
}

function isVersion(value: unknown): value is KeptVersion {
  const { id, sha256, manifest } = (isRecord(value) ? value : {}) as Partial<Record<keyof KeptVersion, unknown>>;
  return matches(id, ID) && matches(sha256, DIGEST) && matches(manifest, DIGEST);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
