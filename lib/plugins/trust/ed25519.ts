// Keys and signatures of manifests, with Node's own cryptography.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What is signed begins with this, so that a signature of a manifest is none of anything else. */
const DOMAIN = 'hookcell manifest 2\0';

/** The hexadecimal digits of a key's identifier. */
const ID_LENGTH = 16;

/** The prefix of an Ed25519 public key in DER, before its 32 bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A new pair of keys, as PEM. */
export interface SigningKeys {
  /** What a manifest is signed with. Keep it secret. */
  privateKey: string;
  /** What a server trusts. */
  publicKey: string;
  /** What a signature names the key by. */
  keyId: string;
}

/** Makes a pair of Ed25519 keys for {@link signManifest}. */
export function generateSigningKeys(): SigningKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    keyId: keyIdOf(publicKey),
  };
}

/** The first 16 hexadecimal digits of the SHA-256 of a public key. */
export function keyIdOf(key: KeyObject): string {
  const bytes = key.export({ type: 'spki', format: 'der' }) as Buffer;
  return createHash('sha256').update(bytes.subarray(SPKI_PREFIX.length)).digest('hex').slice(0, ID_LENGTH);
}

/**
 * Reads a public key: PEM, or the base64 of its 32 bytes.
 *
 * @throws an error that says what is wrong with it
 */
export function readPublicKey(text: string): KeyObject {
  const key = text.includes('-----BEGIN') ? createPublicKey(text) : rawPublicKey(text);
  return requireEd25519(key);
}

function rawPublicKey(text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text.trim()) {
    throw new Error('it is neither PEM nor the base64 of 32 bytes');
  }
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
}

/**
 * Reads a private key as PEM.
 *
 * @throws an error that says what is wrong with it
 */
export function readPrivateKey(text: string): KeyObject {
  return requireEd25519(createPrivateKey(text));
}

function requireEd25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`it is a key of ${key.asymmetricKeyType ?? 'another kind'}, and must be one of Ed25519`);
  }
  return key;
}

/** A manifest and its serial number, which are signed together. */
export interface NumberedManifest {
  readonly manifest: Uint8Array;
  readonly serial: number;
}

/** The signature of a manifest and its serial number, in base64. */
export function signatureOf(signed: NumberedManifest, privateKey: KeyObject): string {
  return sign(null, signedBytes(signed), privateKey).toString('base64');
}

/** Is this the signature of these bytes and this serial number with this key? */
export function isSignatureOf(signed: NumberedManifest, signature: Uint8Array, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(signed), publicKey, signature);
}

/** The number ends with a zero byte, so no other number and manifest have the same bytes. */
function signedBytes({ manifest, serial }: NumberedManifest): Buffer {
  return Buffer.concat([Buffer.from(`${DOMAIN}${serial}\0`), manifest]);
}
