import ms from 'ms';

export const library = 'ms';
export const inputs = ['2 days', '1.5h', '-3 min', 'never'];

export function use(input) {
  const time = ms(input);
  return { time, long: time === undefined ? null : ms(time, { long: true }) };
}
