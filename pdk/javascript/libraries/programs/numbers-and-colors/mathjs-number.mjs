import { evaluate, format } from 'mathjs/number';

export const library = 'mathjs';
export const variant = 'mathjs/number';
export const inputs = ['sqrt(3^2 + 4^2)', 'gcd(12, 18) * 2 ^ 10', 'f(x) = x ^ 2 + 1; f(3)', 'gamma(5.5)', '1 +'];

export function use(input) {
  try {
    return { value: format(evaluate(input), { precision: 12 }) };
  } catch (error) {
    return { error: error.message };
  }
}
