// Short texts are written as JSON without `JSON.stringify`.

import { quoted } from '../../dist/values/json-text';

const lengths = [0, 1, 2, 99, 100, 101, 500];

test('every UTF-16 unit is written as JSON.stringify writes it, in a text of any length', () => {
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    const text = `a${String.fromCodePoint(unit)}b`;
    if (quoted(text) !== JSON.stringify(text)) {
      throw new Error(`${JSON.stringify(text)} is written as ${quoted(text)}`);
    }
  }
  for (const length of lengths) {
    for (const filler of ['x', 'é', '語', '"', '\ud800', '\udc00', '\u2028', '\u007f']) {
      const text = filler.repeat(length);
      expect(quoted(text)).toBe(JSON.stringify(text));
    }
  }
});

test('a surrogate pair is written as it is', () => {
  expect(quoted('😀')).toBe('"😀"');
});
