import numeral from 'numeral';

export const library = 'numeral';
export const inputs = [1234567.891, -0.256, 0, 1e21];

export function use(input) {
  const number = numeral(input);
  return ['0,0.00', '$0.0a', '0%', '0o', '0.0b', '00:00:00', '0.00e+0'].map((format) => number.format(format));
}
