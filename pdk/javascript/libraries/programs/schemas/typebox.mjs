import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const User = Type.Object({ email: Type.String({ minLength: 3 }), age: Type.Optional(Type.Integer({ minimum: 0 })) });

export const library = '@sinclair/typebox';
export const inputs = [{ email: 'ada@example.com' }, { email: 'a', age: -1 }, { email: 'ada', age: '36' }];

export function use(input) {
  return {
    valid: Value.Check(User, input),
    errors: [...Value.Errors(User, input)].map(({ path, message }) => [path, message]),
    converted: Value.Convert(User, input),
    patch: Value.Diff({}, input),
  };
}
