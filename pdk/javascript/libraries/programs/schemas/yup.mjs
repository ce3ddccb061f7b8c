import * as yup from 'yup';

const schema = yup.object({
  name: yup.string().trim().required().min(2),
  age: yup.number().integer().positive(),
  site: yup.string().url().nullable(),
});

export const library = 'yup';
export const inputs = [
  { name: ' Ada ', age: '36', site: null },
  { name: 'A', age: -1, site: 'nowhere' },
  { age: 'old' },
];

export async function use(input) {
  try {
    return { value: await schema.validate(input, { abortEarly: false }) };
  } catch ({ name, errors, inner }) {
    return { name, errors, inner: inner.map(({ path, type }) => ({ path, type })) };
  }
}
