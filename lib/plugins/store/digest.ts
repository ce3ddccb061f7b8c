import { createHash, webcrypto } from 'node:crypto';

/** Longer bytes are digested on a thread of libuv's pool, because the event loop would stand still for a millisecond or more. */
const MOST_INLINE = 65_536;

/** The SHA-256 of bytes, as 64 hexadecimal digits. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= MOST_INLINE) {
    return createHash('sha256').update(bytes).digest('hex');
  }
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');
}
