import * as R from 'remeda';

export const library = 'remeda';
export const inputs = [
  [
    { item: 'tea', price: 2 },
    { item: 'milk', price: 1 },
    { item: 'tea', price: 5 },
  ],
  [],
];

export function use(input) {
  return {
    totals: R.pipe(
      input,
      R.groupBy(R.prop('item')),
      R.mapValues((rows) => R.sumBy(rows, ({ price }) => price)),
    ),
    sorted: R.sortBy(input, [R.prop('price'), 'desc']),
    unique: R.uniqueBy(input, ({ item }) => item),
    chunks: R.chunk(R.range(0, 5), 2),
  };
}
