import * as changeCase from 'change-case';

export const library = 'change-case';
export const inputs = ['fooBar-baz qux', 'XMLHttpRequest v2', 'élan_vital', ''];

export function use(input) {
  return [
    'camelCase',
    'pascalCase',
    'snakeCase',
    'constantCase',
    'kebabCase',
    'sentenceCase',
    'trainCase',
    'dotCase',
  ].map((name) => changeCase[name](input));
}
