import { parse } from 'csv-parse/sync';

export const library = 'csv-parse';
export const because = 'use `csv-parse/browser/esm/sync`';
export const inputs = ['a,b\n1,"x, ""y"""\n2,z\n', 'a,b\n1\n', ''];

export function use(input) {
  try {
    return { rows: parse(input, { columns: true, cast: true }) };
  } catch ({ code, message }) {
    return { code, message };
  }
}
