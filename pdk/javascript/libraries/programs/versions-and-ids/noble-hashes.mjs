import { blake3 } from '@noble/hashes/blake3.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export const library = '@noble/hashes';
export const inputs = ['', 'é🎉', 'a'.repeat(1_000)];

export function use(input) {
  const bytes = utf8ToBytes(input);
  return [sha256(bytes), sha512(bytes), sha3_256(bytes), blake3(bytes), hmac(sha256, utf8ToBytes('key'), bytes)].map(
    bytesToHex,
  );
}
