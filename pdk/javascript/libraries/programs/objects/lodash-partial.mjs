import _ from 'lodash';

export const library = 'lodash';
export const variant = 'partial functions made in a call';
export const because = 'lodash counts how often functions are made, with a clock; at the top level it works';
export const inputs = [[{ name: 'Ada', age: 36 }], []];

export function use(input) {
  return input.map(_.partialRight(_.pick, ['name']));
}
