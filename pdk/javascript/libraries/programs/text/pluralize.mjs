import pluralize from 'pluralize';

export const library = 'pluralize';
export const inputs = ['person', 'boxes', 'Sheep', 'analysis', 'tea cup'];

export function use(input) {
  return [pluralize(input), pluralize.singular(input), pluralize(input, 1, true), pluralize(input, 3, true)];
}
