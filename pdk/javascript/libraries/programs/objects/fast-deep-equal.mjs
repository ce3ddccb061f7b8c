import equal from 'fast-deep-equal';

export const library = 'fast-deep-equal';
export const inputs = [
  [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
  [{ a: 1 }, { a: 1, b: 2 }],
  ['1', 1],
];

export function use([left, right]) {
  return [equal(left, right), equal(new Date(left), new Date(right)), equal(/a/g, /a/g), equal(Number.NaN, Number.NaN)];
}
