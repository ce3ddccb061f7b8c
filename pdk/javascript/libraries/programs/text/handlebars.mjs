import Handlebars from 'handlebars';

const template = Handlebars.compile('Hello {{name}}');

export const library = 'handlebars';
export const because = 'compile the template beforehand';
export const inputs = [{ name: 'Ada' }];

export function use(input) {
  return template(input);
}
