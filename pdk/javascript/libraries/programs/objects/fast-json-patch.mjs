import jsonpatch from 'fast-json-patch';

export const library = 'fast-json-patch';
export const inputs = [
  [
    { a: [1, 2], b: { c: 'x' } },
    { a: [1, 3, 4], d: null },
  ],
  [{ 'a/b~': 1 }, { 'a/b~': 2 }],
];

export function use([before, after]) {
  const patch = jsonpatch.compare(before, after);
  const document = jsonpatch.applyPatch(jsonpatch.deepClone(before), patch).newDocument;
  return { patch, document, bad: jsonpatch.validate([{ op: 'move', path: '/x' }], before)?.name };
}
