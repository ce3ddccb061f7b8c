import { isRecord } from '../../values/value-kind.js';
import { wholeNumber } from '../../values/whole-number.js';
import { isSignatureOf, keyIdOf, readPrivateKey, signatureOf } from './ed25519.js';
import { parseTrustedKeys } from './trusted-keys.js';
import type { KnownKey, TrustedKey } from './trusted-keys.js';
import { createPublicKey } from 'node:crypto';

/**
 * How far a manifest can be trusted. `unsigned`: it has no signature. `invalid`: its signature cannot be checked, because it is
 * malformed, or made with a key that is not trusted now. `modified`: a trusted key made the signature, and not of these bytes.
 * `outdated`: a trusted key signed these bytes, with a serial number that is lower than one that the set has taken. `signed`: a
 * trusted key signed these bytes.
 */
export type TrustStatus = 'unsigned' | 'invalid' | 'modified' | 'outdated' | 'signed';

/** The check that decided a {@link TrustStatus}. */
export type TrustCheck =
  | 'signature is missing'
  | 'signature is malformed'
  | 'key is not in the list'
  | 'key is not yet trusted'
  | 'key is no longer trusted'
  | 'signature is of other bytes'
  | 'serial number is lower than one before'
  | 'signature matches';

/** How far a manifest can be trusted, and why. */
export interface ManifestTrust {
  readonly status: TrustStatus;
  /** The check that decided. */
  readonly check: TrustCheck;
  /** The key that the signature names, if it names one. */
  readonly keyId?: string;
  /** The serial number that was signed with the bytes, if the status is `signed` or `outdated`. */
  readonly serial?: number;
}

/** What a manifest is signed with, besides the key. */
export interface SignOptions {
  /**
   * The serial number of the manifest. A plugin set that must have signed manifests refuses one whose number is lower than one that it
   * has taken, so that an older manifest cannot be brought back with its signature. Default: the time in milliseconds since 1970. 0 to
   * 2^53 - 1.
   */
  serial?: number | undefined;
}

const ALGORITHM = 'ed25519';
const KEY_ID = /^[0-9a-f]{16}$/;
const SIGNATURE_BYTES = 64;

/** The end of the name of a manifest's signature: `plugins.json.sig`. */
export const SIGNATURE_ENDING = '.sig';

const serialBounds = { name: 'serial', min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * Signs the bytes of a manifest. The signature covers the plugins too, because the manifest names their digests.
 *
 * @param privateKey - as PEM
 * @returns the content of the file `plugins.json.sig`
 * @throws `TypeError` if the key is no private key of Ed25519; `TypeError` or `RangeError` if the serial number is wrong
 */
export function signManifest(manifest: Uint8Array, privateKey: string, options: SignOptions = {}): string {
  const serial = wholeNumber(serialBounds, options.serial ?? Date.now());
  let key;
  try {
    key = readPrivateKey(privateKey);
  } catch (cause) {
    throw new TypeError(`the key is not a private key of Ed25519 as PEM: ${(cause as Error).message}`, { cause });
  }
  const keyId = keyIdOf(createPublicKey(key));
  const signature = signatureOf({ manifest, serial }, key);
  return `${JSON.stringify({ algorithm: ALGORITHM, keyId, serial, signature }, undefined, 2)}\n`;
}

/**
 * Says how far the bytes of a manifest can be trusted.
 *
 * @param signature - the content of the signature's file; `undefined` if there is none
 * @param trustedKeys - the keys whose signatures are trusted
 * @param now - the time, in milliseconds since 1970. Default: the clock's
 * @throws `TypeError` if a trusted key is wrong
 */
export function verifyManifest(
  manifest: Uint8Array,
  signature: string | undefined,
  trustedKeys: readonly TrustedKey[],
  now: number = Date.now(),
): ManifestTrust {
  return trustIn(manifest, signature, parseTrustedKeys(trustedKeys), now);
}

/** {@link verifyManifest} with keys that are read. */
export function trustIn(
  manifest: Uint8Array,
  signature: string | undefined,
  keys: readonly KnownKey[],
  now: number = Date.now(),
): ManifestTrust {
  if (signature === undefined) {
    return { status: 'unsigned', check: 'signature is missing' };
  }
  const parsed = parseSignature(signature);
  if (parsed === undefined) {
    return { status: 'invalid', check: 'signature is malformed' };
  }
  const { keyId, serial, bytes } = parsed;
  const known = keys.find((key) => key.keyId === keyId);
  if (known === undefined) {
    return { status: 'invalid', check: 'key is not in the list', keyId };
  }
  if (now < known.notBefore) {
    return { status: 'invalid', check: 'key is not yet trusted', keyId };
  }
  if (now >= known.notAfter) {
    return { status: 'invalid', check: 'key is no longer trusted', keyId };
  }
  return isSignatureOf({ manifest, serial }, bytes, known.key)
    ? { status: 'signed', check: 'signature matches', keyId, serial }
    : { status: 'modified', check: 'signature is of other bytes', keyId };
}

/** The same trust for a set that has taken a manifest with this serial number. */
export function trustAfter(trust: ManifestTrust, taken: number): ManifestTrust {
  return trust.status === 'signed' && (trust.serial ?? 0) < taken
    ? { ...trust, status: 'outdated', check: 'serial number is lower than one before' }
    : trust;
}

function parseSignature(text: string): { keyId: string; serial: number; bytes: Buffer } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) {
    return undefined;
  }
  const { algorithm, keyId, serial, signature } = value as Partial<Record<string, unknown>>;
  if (algorithm !== ALGORITHM || typeof keyId !== 'string' || !KEY_ID.test(keyId) || typeof signature !== 'string') {
    return undefined;
  }
  if (!Number.isSafeInteger(serial) || (serial as number) < 0 || Object.is(serial, -0)) {
    return undefined;
  }
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === SIGNATURE_BYTES ? { keyId, serial: serial as number, bytes } : undefined;
}
