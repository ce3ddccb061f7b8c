import Mustache from 'mustache';

const template = 'Dear {{name}},\n{{#lines}}- {{quantity}} {{{item}}}\n{{/lines}}{{^lines}}nothing{{/lines}}{{> end}}';

export const library = 'mustache';
export const inputs = [
  { name: 'Ada & Co', lines: [{ quantity: 2, item: '<tea>' }] },
  { name: 'x', lines: [] },
];

export function use(input) {
  return Mustache.render(template, input, { end: 'Bye {{name}}' });
}
