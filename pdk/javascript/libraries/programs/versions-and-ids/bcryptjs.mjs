import bcrypt from 'bcryptjs';

export const library = 'bcryptjs';
export const inputs = ['password'];

export function use(input) {
  return bcrypt.hashSync(input, '$2b$04$abcdefghijklmnopqrstuu');
}
