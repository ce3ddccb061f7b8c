// Says everything that is wrong with an order at once, and where, so that a form can mark each field.

import { reject, type Hook, type Json } from '@hookcell/javascript';

/** More would be of no use to a reader, and a hostile client chooses how many there are. */
const most = 20;

export const before_hook: Hook = ({ input }) => {
  const problems: { field: string; message: string }[] = [];
  const expect = (holds: boolean, field: string, message: string) => {
    if (!holds && problems.length < most) problems.push({ field, message: `must be ${message}` });
  };
  const { email, items, note } = input;
  expect(typeof email === 'string' && /^[^@]+@[^@]+$/.test(email), 'email', 'an e-mail address');
  expect(isText(note, 200), 'note', 'a text of at most 200 characters');
  const list = Array.isArray(items) ? items : [];
  expect(list.length > 0 && list.length <= 50, 'items', 'a list of 1 to 50 items');
  for (const [index, item] of list.slice(0, 50).entries()) {
    const field = `items[${index}]`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      expect(false, field, 'an object');
      continue;
    }
    const { sku, quantity } = item;
    expect(typeof sku === 'string' && /^[A-Z]{3}-[0-9]{4}$/.test(sku), `${field}.sku`, 'like ABC-1234');
    expect(isQuantity(quantity), `${field}.quantity`, 'a whole number from 1 to 999');
  }
  return problems.length > 0 ? reject('the order is not valid', problems) : undefined;
};

/** A missing note is none. Characters are counted as a reader does, not as UTF-16 does: an emoji is one. */
function isText(value: Json | undefined, longest: number): boolean {
  return value === undefined || value === null || (typeof value === 'string' && Array.from(value).length <= longest);
}

function isQuantity(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 999;
}
