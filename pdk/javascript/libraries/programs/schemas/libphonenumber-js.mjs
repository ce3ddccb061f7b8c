import { parsePhoneNumberFromString } from 'libphonenumber-js';

export const library = 'libphonenumber-js';
export const inputs = [
  ['030 901820', 'DE'],
  ['+1 (415) 555-2671', 'US'],
  ['12', 'FR'],
  ['٠١٢٣٤٥٦٧٨٩', 'EG'],
];

export function use([text, country]) {
  const phone = parsePhoneNumberFromString(text, country);
  return (
    phone && {
      number: phone.number,
      valid: phone.isValid(),
      national: phone.formatNational(),
      international: phone.formatInternational(),
      uri: phone.getURI(),
    }
  );
}
