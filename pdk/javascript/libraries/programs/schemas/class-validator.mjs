import { IsEmail, IsInt, Length, Min, validateSync } from 'class-validator';

class User {
  email = '';
  name = '';
  age = 0;
}
IsEmail()(User.prototype, 'email');
Length(2, 20)(User.prototype, 'name');
IsInt()(User.prototype, 'age');
Min(18)(User.prototype, 'age');

export const library = 'class-validator';
export const inputs = [
  { email: 'ada@example.com', name: 'Ada', age: 36 },
  { email: 'ada', name: 'A', age: 1.5 },
];

export function use(input) {
  return validateSync(Object.assign(new User(), input)).map(({ property, constraints }) => ({ property, constraints }));
}
