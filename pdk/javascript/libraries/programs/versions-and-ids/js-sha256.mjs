import { sha224, sha256 } from 'js-sha256';

export const library = 'js-sha256';
export const inputs = ['', 'é🎉', 'a'.repeat(1_000)];

export function use(input) {
  return [sha256(input), sha224(input), sha256.hmac('key', input)];
}
