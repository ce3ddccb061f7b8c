import { parse, stringify, v3, v5, validate, version } from 'uuid';

const space = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

export const library = 'uuid';
export const inputs = ['example.com', 'é🎉', ''];

export function use(input) {
  const id = v5(input, space);
  return { id, three: v3(input, space), valid: validate(id), version: version(id), again: stringify(parse(id)) === id };
}
