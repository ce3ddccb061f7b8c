import currency from 'currency.js';

export const library = 'currency.js';
export const inputs = ['$1,234.56', '-0.1', '(5.005)', 'free'];

export function use(input) {
  const price = currency(input);
  return {
    value: price.value,
    cents: price.intValue,
    sum: price.add(0.2).value,
    shares: price.distribute(3).map(({ value }) => value),
    euro: currency(input, { symbol: '€', separator: '.', decimal: ',', pattern: '# !' }).format(),
  };
}
