import { add, allocate, dinero, greaterThan, multiply, toDecimal, toSnapshot } from 'dinero.js';

const euro = { code: 'EUR', base: 10, exponent: 2 };

export const library = 'dinero.js';
export const inputs = [100, 1_005, -7, 0];

export function use(input) {
  const price = dinero({ amount: input, currency: euro });
  return {
    shares: [
      [1, 1, 1],
      [50, 50],
      [1, 2, 0, 4],
    ].map((ratios) => allocate(price, ratios).map((share) => toSnapshot(share).amount)),
    sum: toDecimal(add(price, dinero({ amount: 250, currency: euro }))),
    tax: toDecimal(multiply(price, { amount: 19, scale: 2 })),
    isMore: greaterThan(price, dinero({ amount: 99, currency: euro })),
  };
}
