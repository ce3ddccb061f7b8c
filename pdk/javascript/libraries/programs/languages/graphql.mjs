import { buildSchema, graphqlSync, parse, print, validate } from 'graphql';

const schema = buildSchema('type Query { greeting(name: String = "you"): String, primes: [Int!]! }');
const rootValue = { greeting: ({ name }) => `Hello, ${name}`, primes: [2, 3, 5] };

export const library = 'graphql';
export const inputs = ['{ greeting(name: "Ada") primes }', 'query { greeting }', '{ nothing }'];

export function use(input) {
  return {
    text: print(parse(input)),
    errors: validate(schema, parse(input)).map(({ message }) => message),
    result: graphqlSync({ schema, source: input, rootValue }),
  };
}
