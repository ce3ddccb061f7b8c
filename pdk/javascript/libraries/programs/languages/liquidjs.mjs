import { Liquid } from 'liquidjs';

const liquid = new Liquid();
const template = liquid.parse('{{ name | upcase }}: {% for i in (1..3) %}{{ i }} {% endfor %}{{ total | round: 1 }}');

export const library = 'liquidjs';
export const because = 'each rendering asks for the time';
export const inputs = [{ name: 'Ada', total: 2.25 }];

export function use(input) {
  return liquid.renderSync(template, input);
}
