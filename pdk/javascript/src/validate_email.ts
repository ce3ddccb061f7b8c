// validate_email, as pdk/cases.json defines it.

import { reject } from '@hookcell/javascript';
import type { Hook, Json, Rejected } from '@hookcell/javascript';

const maxAddress = 254;
const spaces = ' \t\n\f\r';
const local = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;
const domain = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Normalizes the address and the name of the input, or rejects it. */
export const before_hook: Hook = ({ input }) => {
  const { email, name } = input;
  if (typeof email !== 'string') {
    return invalid(Object.hasOwn(input, 'email') ? 'must be a string' : 'is required', email);
  }
  const address = normalize(email);
  if (address === undefined) {
    return invalid('is not a valid address', email);
  }
  input.email = address;
  if (typeof name === 'string') {
    input.name = trim(name);
  }
  return undefined;
};

/** Adds the domain of an address to the data. */
export const after_hook: Hook = ({ data }) => {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || typeof data.email !== 'string') {
    return;
  }
  const address = normalize(data.email);
  if (address !== undefined) {
    data.email_domain = address.slice(address.indexOf('@') + 1);
  }
};

function invalid(message: string, value: Json = null): Rejected {
  return reject('email is not valid', [{ field: 'email', message, value }]);
}

/** The address in its stored form, if it is one. */
function normalize(text: string): string | undefined {
  const address = trim(text);
  const at = address.indexOf('@');
  const isAddress =
    at !== -1 && address.length <= maxAddress && local.test(address.slice(0, at)) && domain.test(address.slice(at + 1));
  // An address has only ASCII, so that this changes nothing else.
  return isAddress ? address.toLowerCase() : undefined;
}

/** Without ASCII white space at the ends. `String.prototype.trim` would also remove other white space. */
function trim(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && spaces.includes(text.charAt(begin))) begin += 1;
  while (begin < end && spaces.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(begin, end);
}
