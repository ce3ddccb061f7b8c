import { all, create } from 'mathjs';

const math = create(all);

export const library = 'mathjs';
export const inputs = ['sqrt(3^2 + 4^2)', '2 inch to cm', 'det([1, 2; 3, 4])', 'f(x) = x ^ 2 + 1; f(3i)', '1 +'];

export function use(input) {
  try {
    return { value: math.format(math.evaluate(input), { precision: 12 }) };
  } catch (error) {
    return { error: error.message };
  }
}
