import jsonata from 'jsonata';

const total = jsonata(
  '{ "total": $sum(lines.(price * quantity)), "names": $distinct(lines.name)^($), "big": lines[price > 5].$uppercase(name) }',
);

export const library = 'jsonata';
export const because = 'each evaluation asks for the time';
export const inputs = [
  {
    lines: [
      { name: 'tea', price: 2.5, quantity: 4 },
      { name: 'cake', price: 8, quantity: 1 },
    ],
  },
  { lines: [] },
];

export async function use(input) {
  return total.evaluate(input);
}
