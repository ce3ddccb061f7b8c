// Clients write the same value in many ways. This hook writes it in one, so that the database can compare.

import type { Hook } from '@hookcell/javascript';

const rules: [field: string, normal: (text: string) => string][] = [
  ['name', (text) => trim(text).replaceAll(/\p{White_Space}+/gu, ' ')],
  ['email', (text) => inCase(trim(text), 'lower')],
  ['country', (text) => inCase(trim(text), 'upper')],
  ['phone', phone],
];

export const before_hook: Hook = ({ input }) => {
  for (const [field, normal] of rules) {
    const value = input[field];
    // Half a surrogate pair is no text, so such a value stays for the validation to see.
    if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) continue;
    const text = normal(value);
    if (text === '') Reflect.deleteProperty(input, field);
    else input[field] = text;
  }
};

function trim(text: string): string {
  return text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}

/** ASCII only: the lower case of the Kelvin sign is `k`, which would make two addresses one. */
function inCase(text: string, which: 'lower' | 'upper'): string {
  return which === 'lower'
    ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** `+49 (30) 90 18` and `0049 30 9018` are `+49309018`. A text without digits stays. */
function phone(text: string): string {
  const trimmed = trim(text);
  const digits = trimmed.replaceAll(/[^0-9]+/g, '');
  if (digits === '') return trimmed;
  if (trimmed.startsWith('+')) return `+${digits}`;
  return digits.length > 2 && digits.startsWith('00') ? `+${digits.slice(2)}` : digits;
}
