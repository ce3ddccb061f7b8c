import jwt from 'jsonwebtoken';

export const library = 'jsonwebtoken';
export const inputs = ['eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.x'];

export function use(input) {
  return jwt.decode(input);
}
