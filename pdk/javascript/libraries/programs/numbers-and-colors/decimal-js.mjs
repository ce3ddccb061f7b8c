import { Decimal } from 'decimal.js';

export const library = 'decimal.js';
export const inputs = [
  ['0.1', '0.2'],
  ['123456789.987654321', '7'],
  ['2', '0.5'],
];

export function use([left, right]) {
  const [a, b] = [new Decimal(left), new Decimal(right)];
  return [
    a.plus(b),
    a.div(b),
    a.pow(b),
    a.ln(),
    a.sin(),
    a.exp(),
    a.mod(b),
    a.toFraction(),
    a.toHex(),
    Decimal.hypot(a, b),
  ];
}
