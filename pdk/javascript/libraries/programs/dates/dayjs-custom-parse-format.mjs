import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat.js';

dayjs.extend(customParseFormat);

export const library = 'dayjs';
export const variant = 'customParseFormat';
export const because =
  'it asks for the time of each text, and takes the exception for a bad date; the build warns, and a granted `now` mends it';
export const inputs = ['31/12/2023 05', '29/02/2024 23', 'no date'];

export function use(input) {
  return dayjs(input, 'DD/MM/YYYY HH').toJSON();
}
