import slugify from 'slugify';

export const library = 'slugify';
export const inputs = ['Ünïcödé & Straße!', '日本 tea', "it's 100% ♥", ''];

export function use(input) {
  return [slugify(input), slugify(input, { lower: true, strict: true, locale: 'de' })];
}
