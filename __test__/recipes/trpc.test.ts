// docs/recipes/trpc.md: a middleware that runs hooks around a procedure.

import { initTRPC, TRPCError } from '@trpc/server';
import type { Hooks } from 'hookcell/hooks';
import { createHooks, failureOf } from 'hookcell/hooks';
import { z } from 'zod';

import { useRuntime } from './runtime';

const runtime = useRuntime();
const t = initTRPC.context<{ tenant: string }>().create();

/** The error that tRPC's clients understand. */
function trpcError(error: unknown): unknown {
  const failure = failureOf(error);
  if (failure === undefined) {
    return error;
  }
  return failure.kind === 'rejected'
    ? new TRPCError({ code: 'UNPROCESSABLE_CONTENT', message: failure.error ?? 'rejected', cause: error })
    : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'Internal Server Error', cause: error });
}

/** Hooks around a mutation whose input is checked already. */
function hooked<I extends object, O>(hooks: Hooks<any, any, any, any>, mutation: (input: I) => O) {
  return async ({ input, ctx }: { input: I; ctx: { tenant: string } }) => {
    try {
      return await hooks.run({ input, tenant_id: ctx.tenant }, mutation);
    } catch (error) {
      throw trpcError(error);
    }
  };
}

function callerOf(hooks: Hooks<any, any, any, any>) {
  const createUser = t.procedure
    .input(z.object({ email: z.string() }))
    .mutation(hooked(hooks, (input) => ({ created: input })));
  return t.createCallerFactory(t.router({ createUser }))({ tenant: 'acme' });
}

test('a mutation of tRPC gets what the hooks leave, and its tenant is theirs', async () => {
  const caller = callerOf(createHooks(runtime, { before: 'report', logger: false }));

  expect(await caller.createUser({ email: 'Ada' })).toMatchObject({
    created: { seen: { input: { email: 'Ada' }, tenant_id: 'acme' } },
  });
});

test('a rejection is an error of tRPC with the reason, and a fault is one without', async () => {
  await expect(
    callerOf(createHooks(runtime, { before: 'no', logger: false })).createUser({ email: 'a' }),
  ).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT', message: 'not today' });
  await expect(
    callerOf(createHooks(runtime, { before: 'crash', logger: false })).createUser({ email: 'a' }),
  ).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR', message: 'Internal Server Error' });
});
