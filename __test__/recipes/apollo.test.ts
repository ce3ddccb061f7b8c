// docs/recipes/apollo.md: hooks around a resolver.

import { ApolloServer } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { createHooks, failureOf } from 'hookcell/hooks';

import { useRuntime } from './runtime';

const runtime = useRuntime();

const typeDefs = `#graphql
  type User { email: String! }
  type Query { version: Int! }
  type Mutation { createUser(email: String!): User! }
`;

async function answerOf(before: string) {
  const hooks = createHooks<any>(runtime, {
    before,
    logger: false,
    problem: (failure) =>
      failure.kind === 'rejected'
        ? new GraphQLError(failure.error ?? 'rejected', { extensions: { code: 'REJECTED', details: failure.details } })
        : undefined,
  });
  const server = new ApolloServer<{ tenant: string }>({
    typeDefs,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) =>
      failureOf((error as { originalError?: unknown }).originalError) === undefined
        ? formatted
        : { message: 'Internal Server Error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    resolvers: {
      Mutation: {
        createUser: (_: unknown, args: object, { tenant }: { tenant: string }) =>
          // GraphQL's arguments have no prototype.
          hooks.run({ input: { ...args }, tenant_id: tenant }, (input) => input),
      },
    },
  });
  const query = 'mutation { createUser(email: "Ada") { email } }';
  const { body } = await server.executeOperation({ query }, { contextValue: { tenant: 'acme' } });
  await server.stop();
  return body.kind === 'single' ? body.singleResult : undefined;
}

test('a resolver of Apollo gets what the hooks leave', async () => {
  expect(await answerOf('email')).toMatchObject({ data: { createUser: { email: 'ada@example.com' } } });
});

test('a rejection is an error of GraphQL with the reason and details, and a fault tells nothing', async () => {
  expect(await answerOf('no')).toMatchObject({
    errors: [{ message: 'not today', extensions: { code: 'REJECTED', details: [{ field: 'email' }] } }],
  });
  expect(JSON.stringify(await answerOf('crash'))).not.toMatch(/crash|trap|unreachable/);
});
