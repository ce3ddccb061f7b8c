import moment from 'moment';

export const library = 'moment';
export const inputs = ['2024-02-29T12:00:00Z', 'never'];

export function use(input) {
  const date = moment.utc(input, moment.ISO_8601);
  return { valid: date.isValid(), next: date.add(1, 'year').format('YYYY-MM-DD dddd Do') };
}
