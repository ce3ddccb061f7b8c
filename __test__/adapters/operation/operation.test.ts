// Hooks around an operation, without a framework.

import { HookcellError } from 'hookcell';
import { createHooks, failureOf, HookProblem, hookStats, reject } from 'hookcell/hooks';
import { z } from 'zod';

import { useRuntime } from './runtime';
import type { Options } from './runtime';

const server = useRuntime();
const { hooksOf } = server;

/** Runs hooks that end an operation, and resolves with what they throw. */
async function thrownBy(options: Options): Promise<any> {
  const operation = jest.fn(() => ({ id: 7 }));
  const error: unknown = await hooksOf(options)
    .run({ input: {} }, operation)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  return Object.assign(error as object, { ran: operation.mock.calls.length });
}

describe('hooks around an operation', () => {
  test('the operation gets the input as the hooks before it left it, and its data goes through the hooks after it', async () => {
    const hooks = hooksOf({ before: 'email', after: 'enrich' });
    const operation = jest.fn(async (input: unknown) => ({ created: input }));

    const data = await hooks.run({ input: { email: 'Ada' } }, operation);

    expect(operation).toHaveBeenCalledWith({ email: 'ada@example.com' }, {});
    expect(data).toEqual({ rich: true });
  });

  test('hooks that change nothing leave the very objects', async () => {
    const input = { a: 1 };
    const created = { at: new Date(0) };

    const data = await hooksOf({ before: 'yes', after: 'yes' }).run({ input }, (given) => {
      expect(given).toBe(input);
      return created;
    });

    expect(data).toBe(created);
  });

  test('plugins see the user, all headers and the tenant of the context', async () => {
    const headers = { authorization: 'chosen by the server' };
    const context = { input: { a: 1 }, user: { id: '1', role: 'editor', password: 'x' }, headers, tenant_id: 'acme' };

    const { seen } = await hooksOf({ before: 'report' }).run(context, (input) => input);

    expect(seen).toEqual({
      input: { a: 1 },
      data: null,
      user: { id: '1', role: 'editor' },
      headers,
      tenant_id: 'acme',
    });
  });

  test('options may be functions of any context of the server', async () => {
    const hooks = hooksOf({
      before: 'report',
      input: ({ args }) => args.data,
      user: async ({ session }) => session.user,
      tenantId: ({ session }) => session.tenant,
      headers: () => ({ 'x-request-id': '5' }),
    });
    const session = { user: { id: '1', role: 'editor' }, tenant: 'acme' };

    const { seen } = await hooks.run({ args: { data: { a: 1 } }, session }, (input) => input);

    expect(seen).toMatchObject({
      input: { a: 1 },
      user: session.user,
      tenant_id: 'acme',
      headers: { 'x-request-id': '5' },
    });
  });

  test('the native hooks and the operation share a session, which no plugin sees', async () => {
    const hooks = hooksOf({
      before: [({ session }) => void (session.secret = 's'), 'report'],
      after: ({ data, session }) => ({ data: { ...data, told: session.secret } }),
    });

    const data = await hooks.run({ input: {} }, (input, session) => ({ input, session: { ...session } }));

    expect(data).toMatchObject({ session: { secret: 's' }, told: 's' });
    expect(JSON.stringify(data.input)).not.toMatch(/secret/);
  });

  test('a schema types and checks the input of the operation and the data', async () => {
    const hooks = createHooks(server.runtime, {
      before: 'email',
      schema: { input: z.object({ email: z.string().transform((text) => text.length) }) },
    });

    const length: number = await hooks.run({ input: { email: 'Ada' } }, ({ email }) => email);

    expect(length).toBe('ada@example.com'.length);
    await expect(hooks.run({ input: {} }, () => 0)).rejects.toMatchObject({
      status: 422,
      error: 'the input is not valid',
      details: [{ path: ['email'], message: expect.any(String) }],
    });
  });
});

describe('the outcomes are never mixed:', () => {
  test('a rejection before the operation has its reason, details and status, and the operation does not run', async () => {
    const error = await thrownBy({ before: 'no' });

    expect(error).toBeInstanceOf(HookProblem);
    expect(error).toMatchObject({
      code: 'ERR_HOOK_REJECTED',
      message: 'not today',
      error: 'not today',
      details: [{ field: 'email' }],
      status: 422,
      ran: 0,
    });
    expect(failureOf(error)).toMatchObject({ kind: 'rejected', stage: 'before', plugin: 'no' });
  });

  test('a native hook rejects with a status of its own', async () => {
    expect(await thrownBy({ before: () => reject('editors only', { status: 403 }) })).toMatchObject({
      status: 403,
      error: 'editors only',
      details: [],
    });
  });

  test('a rejection after the operation says so, because what the operation did stays done', async () => {
    const error = await thrownBy({ after: 'no' });

    expect(failureOf(error)).toMatchObject({ kind: 'rejected', stage: 'after' });
    expect(error.ran).toBe(1);
  });

  test('a fault of a plugin is no rejection, and tells its caller nothing but the failure', async () => {
    const error = await thrownBy({ before: 'crash' });

    expect(error).toMatchObject({ code: 'ERR_HOOK_FAULTED', message: 'Internal Server Error', status: 500, ran: 0 });
    expect(error.details).toBeUndefined();
    expect(failureOf(error)).toMatchObject({ kind: 'faulted', fault: { code: 'ERR_TRAP' } });
  });

  test('with an open policy the operation runs without a plugin that faults, and that is counted', async () => {
    const hooks = hooksOf({ before: ['email', 'crash'], onFault: 'open' });

    expect(await hooks.run({ input: {} }, (input) => input)).toEqual({ email: 'ada@example.com' });
    expect(hookStats(server.runtime).passedFaults).toBe(1);
  });

  test('a plugin that faults too often is not called, and its failure says for how long', async () => {
    const options: Options = { before: 'crash', circuitBreaker: { faults: 1 } };
    await thrownBy(options);

    const error = await thrownBy(options);

    expect(error).toMatchObject({ code: 'ERR_HOOK_CIRCUIT_OPEN', status: 503 });
    expect(failureOf(error)).toMatchObject({ kind: 'circuit-open', retryAfterMs: expect.any(Number) });
  });

  test('a full queue is a refusal, whose cause has its code', async () => {
    await server.restart({ concurrency: 1, maxQueue: 0 });
    const looping = server.runtime.callHook('loop', 'before_hook', { input: {} }, { timeoutMs: 60_000 });
    looping.catch(() => undefined);

    const error = await thrownBy({ before: 'yes' });

    expect(error).toMatchObject({ code: 'ERR_HOOK_REFUSED', status: 503, cause: { code: 'ERR_QUEUE_FULL' }, ran: 0 });
    expect(failureOf(error)?.kind).toBe('refused');
  });

  test('a plugin that is not loaded is a mistake of the server, with its code', async () => {
    const error = await thrownBy({ before: 'nowhere' });

    expect(error).toBeInstanceOf(HookcellError);
    expect(error).toMatchObject({ code: 'ERR_NOT_LOADED', ran: 0 });
    expect(failureOf(error)?.kind).toBe('refused');
  });

  test('what the operation throws is thrown as it is, and no hook runs after it', async () => {
    const after = jest.fn();
    const error = new Error('the database is down');

    await expect(hooksOf({ before: 'yes', after }).run({ input: {} }, () => Promise.reject(error))).rejects.toBe(error);

    expect(after).not.toHaveBeenCalled();
    expect(failureOf(error)).toBeUndefined();
  });

  test('the option problem makes the error that the server’s code expects', async () => {
    class Refused extends Error {}
    const error = await thrownBy({ before: 'no', problem: ({ kind }) => new Refused(kind) });

    expect(error).toBeInstanceOf(Refused);
    expect(error.message).toBe('rejected');
  });
});
