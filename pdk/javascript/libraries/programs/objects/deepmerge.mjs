import deepmerge from 'deepmerge';

export const library = 'deepmerge';
export const inputs = [
  [{ a: { b: 1, list: [1] } }, { a: { c: 2, list: [2] } }],
  [{}, { a: [{ b: 1 }] }],
];

export function use([left, right]) {
  return [deepmerge(left, right), deepmerge(left, right, { arrayMerge: (_, source) => source })];
}
