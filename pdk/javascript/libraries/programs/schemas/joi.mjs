import Joi from 'joi';

const schema = Joi.object({
  name: Joi.string().min(2).required(),
  email: Joi.string().email({ tlds: false }),
  age: Joi.number().integer().greater(17),
  repeat: Joi.ref('name'),
});

export const library = 'joi';
export const because = 'its build for browsers needs a `window` or a worker';
export const inputs = [
  { name: 'Ada', email: 'ada@example.com', age: '36', repeat: 'Ada' },
  { name: 'A', email: 'ada', age: 17, other: 1 },
  {},
];

export function use(input) {
  const { value, error } = schema.validate(input, { abortEarly: false });
  return { value, details: error?.details.map(({ message, path, type }) => ({ message, path, type })) };
}
