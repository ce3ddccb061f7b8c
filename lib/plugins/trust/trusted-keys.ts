import type { KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { HookcellError } from '../../errors.js';
import { isUrl } from '../../values/url.js';
import { parseJsonBytes } from '../../values/json-bytes.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import { readBounded } from '../store/bounded-file.js';
import { keyIdOf, readPublicKey } from './ed25519.js';

/** A key whose signatures are trusted. */
export interface TrustedKey {
  /** The public key: PEM, or the base64 of its 32 bytes. */
  publicKey: string;
  /** The identifier that `hookcell keygen` showed, which must be that of the key. Default: computed from the key. */
  keyId?: string | undefined;
  /** When the key begins to be trusted: an ISO 8601 date with a time zone. Default: at once. */
  notBefore?: string | undefined;
  /** When the key is no longer trusted. Default: never. */
  notAfter?: string | undefined;
}

/** A trusted key that is read. */
export interface KnownKey {
  readonly keyId: string;
  readonly key: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The keys themselves, or the file of a list of them, which is read at every reload. */
export type TrustedKeys = readonly TrustedKey[] | string | URL;

/** The most keys of a list, and the most bytes of its file. */
const MOST_KEYS = 100;
const MOST_BYTES = 1_048_576;

/**
 * Reads the trusted keys.
 *
 * @throws {@link HookcellError} `ERR_SIGNATURE` if their file cannot be read or is wrong
 * @throws `TypeError` if the option itself is wrong
 */
export async function readTrustedKeys(keys: TrustedKeys): Promise<readonly KnownKey[]> {
  if (typeof keys !== 'string' && !isUrl(keys)) {
    return parseTrustedKeys(keys);
  }
  const file = typeof keys === 'string' ? keys : fileURLToPath(keys);
  try {
    return parseTrustedKeys(parseJsonBytes(await readBounded(file, MOST_BYTES)));
  } catch (cause) {
    const message = `the trusted keys in ${file} cannot be used: ${(cause as Error).message}`;
    throw new HookcellError('ERR_SIGNATURE', message, { cause });
  }
}

/**
 * Parses a list of trusted keys.
 *
 * @throws `TypeError` that names the wrong value
 */
export function parseTrustedKeys(keys: unknown): readonly KnownKey[] {
  if (!Array.isArray(keys)) {
    throw new TypeError(`trustedKeys must be an array of keys, or a file of one, got ${kindOf(keys)}`);
  }
  if (keys.length > MOST_KEYS) {
    throw new TypeError(`trustedKeys must have at most ${MOST_KEYS} keys, got ${keys.length}`);
  }
  const known = Array.from(keys, (key, index) => parseKey(key, `trustedKeys[${index}]`));
  const ids = known.map(({ keyId }) => keyId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new TypeError(`trustedKeys has the key ${twice} twice`);
  }
  return known;
}

function parseKey(value: unknown, path: string): KnownKey {
  if (!isRecord(value)) {
    throw new TypeError(`${path} must be an object, got ${kindOf(value)}`);
  }
  const { publicKey, keyId, notBefore, notAfter, ...others } = value as Partial<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`${path}: unknown member '${unknown}'; the members are publicKey, keyId, notBefore, notAfter`);
  }
  const key = parsePublicKey(publicKey, `${path}.publicKey`);
  const id = keyIdOf(key);
  if (keyId !== undefined && keyId !== id) {
    throw new TypeError(`${path}.keyId must be ${id}, which is the identifier of this key`);
  }
  return {
    keyId: id,
    key,
    notBefore: parseTime(notBefore, `${path}.notBefore`) ?? -Infinity,
    notAfter: parseTime(notAfter, `${path}.notAfter`) ?? Infinity,
  };
}

function parsePublicKey(value: unknown, path: string): KeyObject {
  if (typeof value !== 'string') {
    throw new TypeError(`${path} must be a string, got ${kindOf(value)}`);
  }
  try {
    return readPublicKey(value);
  } catch (cause) {
    throw new TypeError(`${path} is not a public key of Ed25519: ${(cause as Error).message}`, { cause });
  }
}

/** A date without a time zone would mean another time on each machine. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function parseTime(value: unknown, path: string): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const time = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new TypeError(`${path} must be a time such as 2026-12-31T00:00:00Z, got ${JSON.stringify(value)}`);
  }
  return time;
}
