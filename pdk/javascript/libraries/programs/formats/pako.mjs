import * as pako from 'pako';

export const library = 'pako';
export const inputs = ['hello hello hello hello', 'é🎉'.repeat(200), ''];

export function use(input) {
  const packed = pako.deflate(new TextEncoder().encode(input), { level: 9 });
  return { packed: [...packed], text: new TextDecoder().decode(pako.inflate(packed)), gzip: pako.gzip(packed).length };
}
