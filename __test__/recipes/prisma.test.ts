// docs/recipes/prisma.md: the query extension, in the shape that Prisma documents. Prisma's client is generated for a database, so
// the test calls the extension as the client does.

import { createHooks } from 'hookcell/hooks';
import type { Hooks } from 'hookcell/hooks';

import { useRuntime } from './runtime';

const runtime = useRuntime();

/** A query as Prisma gives it to an extension. */
interface Query {
  model?: string;
  operation: string;
  args: any;
  query: (args: unknown) => Promise<unknown>;
}

/** What `$extends` takes: hooks around the creation of users. */
function userHooks(hooks: Hooks<any, any, any, any>, tenant: () => string | null) {
  return {
    query: {
      user: {
        create: async ({ args, query }: Query): Promise<unknown> =>
          hooks.run({ input: args.data, tenant_id: tenant() }, (data) => query({ ...args, data })),
      },
    },
  };
}

test('an extension of Prisma writes what the hooks leave, and they see the row', async () => {
  const rows: any[] = [];
  const hooks = createHooks<any>(runtime, { before: 'email', after: 'report', logger: false });
  const { query } = userHooks(hooks, () => 'acme');

  const row = await query.user.create({
    model: 'User',
    operation: 'create',
    args: { data: { email: 'Ada' }, select: { id: true } },
    async query(args) {
      rows.push(args);
      return { id: 7 };
    },
  });

  expect(rows).toEqual([{ data: { email: 'ada@example.com' }, select: { id: true } }]);
  expect(row).toMatchObject({ data: { id: 7 }, input: { email: 'ada@example.com' }, tenant_id: 'acme' });
});

test('a rejection keeps the extension from writing', async () => {
  const write = jest.fn();
  const { query } = userHooks(createHooks<any>(runtime, { before: 'no', logger: false }), () => null);

  await expect(query.user.create({ operation: 'create', args: { data: {} }, query: write })).rejects.toMatchObject({
    code: 'ERR_HOOK_REJECTED',
    error: 'not today',
  });
  expect(write).not.toHaveBeenCalled();
});
