import { customAlphabet, nanoid } from 'nanoid/non-secure';

export const variant = 'non-secure';
export const library = 'nanoid';
export const inputs = [10, 21];

export function use(size) {
  return [/^[\w-]+$/.test(nanoid(size)), nanoid(size).length, customAlphabet('a', size)()];
}
