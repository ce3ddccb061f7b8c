import _ from 'lodash';

export const variant = 'template';
export const library = 'lodash';
export const inputs = [{ name: 'Ada' }];

export function use(input) {
  return _.template('Hello <%- name %>')(input);
}
