import {
  countBy,
  debounce,
  flow,
  get,
  intersectionWith,
  isEqual,
  partition,
  sumBy,
  unzip,
  upperFirst,
} from 'lodash-es';

export const library = 'lodash-es';
export const inputs = [
  {
    rows: [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
    ],
  },
  { rows: [] },
];

export function use({ rows }) {
  return {
    letters: countBy(rows, 1),
    parts: partition(rows, ([number]) => number % 2 === 1),
    sum: sumBy(rows, 0),
    columns: unzip(rows),
    same: intersectionWith(rows, [[2, 'b']], isEqual),
    first: flow((value) => get(value, '[0][1]', 'none'), upperFirst)(rows),
    kind: typeof debounce,
  };
}
