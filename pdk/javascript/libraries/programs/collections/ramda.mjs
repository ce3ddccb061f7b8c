import * as R from 'ramda';

const summary = R.pipe(
  R.filter(R.propSatisfies(R.lt(1), 'quantity')),
  R.groupBy(R.prop('item')),
  R.map(R.pipe(R.pluck('quantity'), R.sum)),
);

export const library = 'ramda';
export const inputs = [
  [
    { item: 'tea', quantity: 2 },
    { item: 'milk', quantity: 1 },
    { item: 'tea', quantity: 5 },
  ],
  [],
];

export function use(input) {
  const lens = R.lensPath([0, 'price', 'net']);
  return {
    summary: summary(input),
    priced: R.set(lens, 1.5, input),
    same: R.equals(input, R.clone(input)),
    t: R.transpose([[1, 2], [3]]),
  };
}
