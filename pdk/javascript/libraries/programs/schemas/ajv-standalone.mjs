import validate from '../../generated/ajv-schema.cjs';

export const variant = 'standalone code';
export const library = 'ajv';
export const inputs = [
  { name: 'Ada', size: 'm', lines: [{ sku: 'A-1', quantity: 2 }] },
  { name: 'Ångström', size: 'xl', lines: [] },
  { name: 'A', lines: [{ sku: 'a1', quantity: 1.5 }, 7], extra: true },
];

export function use(input) {
  return { valid: validate(input), errors: validate.errors };
}
