import { v4 } from 'uuid';

export const variant = 'v4';
export const library = 'uuid';
export const inputs = ['any'];

export function use() {
  return v4().length;
}
