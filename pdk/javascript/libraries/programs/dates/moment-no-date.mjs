import moment from 'moment';

export const library = 'moment';
export const variant = 'a text that is no date of its format';
export const because = 'it asks for the time if a text leaves a part of the date open';
export const inputs = ['12-25-1995', 'never'];

export function use(input) {
  const date = moment.utc(input, 'MM-DD-YYYY');
  return { valid: date.isValid(), text: date.format('dddd') };
}
