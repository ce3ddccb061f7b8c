import iso from 'iso-3166-1';

export const library = 'iso-3166-1';
export const inputs = ['DE', 'tw', 'XX'];

export function use(input) {
  return [iso.whereAlpha2(input), iso.whereCountry('Japan'), iso.all().length];
}
