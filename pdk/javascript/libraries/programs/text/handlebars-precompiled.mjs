import template from '../../generated/handlebars-template.mjs';

export const variant = 'template compiled beforehand';
export const library = 'handlebars';
export const inputs = [
  {
    name: 'Ada & Co',
    lines: [
      { quantity: 2, item: '<tea>' },
      { quantity: 1, item: 'milk' },
    ],
  },
  { name: 'x', lines: [] },
];

export function use(input) {
  return template(input);
}
