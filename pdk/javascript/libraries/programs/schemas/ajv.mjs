import { Ajv } from 'ajv';

const ajv = new Ajv({ allErrors: true });
const validate = ajv.compile({
  type: 'object',
  properties: { name: { type: 'string', minLength: 2 } },
  required: ['name'],
});

export const library = 'ajv';
export const because = 'compile the schema beforehand';
export const inputs = [{ name: 'Ada' }, { name: 'A' }, {}];

export function use(input) {
  return { valid: validate(input), errors: validate.errors };
}
