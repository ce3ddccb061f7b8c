import Big from 'big.js';

export const library = 'big.js';
export const inputs = [
  ['0.1', '0.2'],
  ['12345678901234567890.123', '-7'],
  ['1e-30', '3'],
];

export function use([left, right]) {
  const [a, b] = [new Big(left), new Big(right)];
  return [a.plus(b), a.times(b), a.div(b), a.pow(3), a.round(2, 1), b.abs().sqrt(), a.cmp(b), a.toExponential(4)];
}
