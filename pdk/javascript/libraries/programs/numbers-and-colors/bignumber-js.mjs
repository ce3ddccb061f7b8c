import { BigNumber } from 'bignumber.js';

export const library = 'bignumber.js';
export const inputs = [
  ['0.1', '0.2'],
  ['98765432109876543210', '12345'],
  ['ff.8', '1'],
];

export function use([left, right]) {
  const [a, b] = [new BigNumber(left, left.startsWith('f') ? 16 : 10), new BigNumber(right)];
  return [a.plus(b), a.div(b), a.idiv(b), a.pow(5), a.sqrt(), a.toFormat(2), a.toString(36), a.isGreaterThan(b)];
}
