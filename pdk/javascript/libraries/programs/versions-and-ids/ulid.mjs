import { decodeTime, ulid } from 'ulid';

export const library = 'ulid';
export const inputs = [1_469_918_176_385, 1, 281_474_976_710_655];

export function use(time) {
  const id = ulid(time, () => 0.5);
  return { id, time: decodeTime(id) };
}
