import { fromJS, List, Map, OrderedMap, Record, Set } from 'immutable';

const Line = Record({ sku: '', quantity: 1 });

export const library = 'immutable';
export const inputs = [
  { cart: { lines: [{ sku: 'tea' }, { sku: 'cake', quantity: 2 }, { sku: 'tea' }] } },
  { cart: {} },
];

export function use(input) {
  const lines = List(input.cart.lines).map((line) => Line(line));
  return {
    lines: lines.toJS(),
    kinds: Set(lines.map(({ sku }) => sku))
      .sortBy((sku) => sku)
      .toArray(),
    bySku: lines
      .groupBy(({ sku }) => sku)
      .map((group) => group.size)
      .toJS(),
    changed: fromJS(input).setIn(['cart', 'note'], 'x').toJS(),
    entries: OrderedMap([
      ['z', 1],
      ['a', 2],
    ]).toArray(),
    hash: Map({ x: 1 }).hashCode(),
  };
}
