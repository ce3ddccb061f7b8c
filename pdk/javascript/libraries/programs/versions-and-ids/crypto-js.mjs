import AES from 'crypto-js/aes.js';
import utf8 from 'crypto-js/enc-utf8.js';
import hex from 'crypto-js/enc-hex.js';
import hmac from 'crypto-js/hmac-sha256.js';
import md5 from 'crypto-js/md5.js';
import sha512 from 'crypto-js/sha512.js';

const key = hex.parse('000102030405060708090a0b0c0d0e0f');
const options = { iv: hex.parse('101112131415161718191a1b1c1d1e1f') };

export const library = 'crypto-js';
export const inputs = ['', 'abc', 'é😀'];

export function use(input) {
  const encrypted = AES.encrypt(input, key, options);
  return {
    hashes: [md5(input).toString(), sha512(input).toString(), hmac(input, 'key').toString()],
    encrypted: encrypted.ciphertext.toString(),
    decrypted: AES.decrypt(encrypted, key, options).toString(utf8),
  };
}
