import jsonLogic from 'json-logic-js';

const rule = { and: [{ '>': [{ var: 'total' }, 100] }, { in: [{ var: 'country' }, ['DE', 'FR']] }] };

export const library = 'json-logic-js';
export const inputs = [
  { total: 150, country: 'DE', lines: [1, 2, 3] },
  { total: 50, country: 'US', lines: [] },
];

export function use(input) {
  return [
    jsonLogic.apply(rule, input),
    jsonLogic.apply({ reduce: [{ var: 'lines' }, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] }, input),
    jsonLogic.apply({ if: [rule, 'free', 'paid'] }, input),
  ];
}
