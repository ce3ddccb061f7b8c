import validator from 'validator';

export const library = 'validator';
export const inputs = [
  'ada@example.com',
  'https://user@example.com:8080/päth?q=1#x',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
  '2001:db8::1',
  '2024-02-30',
];

export function use(input) {
  return {
    email: validator.isEmail(input),
    url: validator.isURL(input),
    card: validator.isCreditCard(input),
    iban: validator.isIBAN(input),
    ip: validator.isIP(input),
    date: validator.isDate(input),
    uuid: validator.isUUID(input),
    escaped: validator.escape(input),
    normal: validator.normalizeEmail(input),
    mobile: validator.isMobilePhone(input, 'any'),
  };
}
