import { array, coerce, create, number, object, size, string, validate } from 'superstruct';

const count = coerce(number(), string(), Number);
const basket = object({ owner: size(string(), 2, 20), counts: array(count) });

export const library = 'superstruct';
export const inputs = [
  { owner: 'Ada', counts: ['1', 2] },
  { owner: 'A', counts: [] },
  { owner: 'Ada', counts: [{}] },
];

export function use(input) {
  const [error, value] = validate(input, basket, { coerce: true });
  return error
    ? { failures: error.failures().map(({ message, path }) => ({ message, path })) }
    : { value, again: create(value, basket) };
}
