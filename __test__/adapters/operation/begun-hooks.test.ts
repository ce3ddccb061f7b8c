// Signals, hooks that run one by one, and mistakes in the use of hooks around an operation.

import { createHooks } from 'hookcell/hooks';

import { until } from '../../support/clock';
import { useRuntime } from './runtime';
import type { Options } from './runtime';

const server = useRuntime();
const { hooksOf } = server;

describe('a signal', () => {
  test('that aborts ends the hooks before the operation with its reason, and frees their slot', async () => {
    const controller = new AbortController();
    const operation = jest.fn();
    const run = hooksOf({ before: { plugin: 'loop', timeoutMs: 60_000 } }).run({ input: {} }, operation, {
      signal: controller.signal,
    });
    run.catch(() => undefined);
    await until(() => server.runtime.running === 1);

    controller.abort(new Error('shut down'));

    await expect(run).rejects.toThrow('shut down');
    await until(() => server.runtime.running === 0);
    expect(operation).not.toHaveBeenCalled();
  });

  test('that has aborted before keeps the operation from running, also if no hook runs before it', async () => {
    const operation = jest.fn();

    await expect(
      hooksOf({ after: 'yes' }).run({ input: {} }, operation, { signal: AbortSignal.abort(new Error('late')) }),
    ).rejects.toThrow('late');
    expect(operation).not.toHaveBeenCalled();
  });

  test('that aborts while the operation runs does not keep the hooks after it from running', async () => {
    const controller = new AbortController();

    const data = await hooksOf({ after: 'enrich' }).run({ input: {} }, () => controller.abort(), controller);

    expect(data).toEqual({ rich: true });
  });

  test('ends the hooks after an operation if they run alone', async () => {
    const controller = new AbortController();
    const after = hooksOf({ after: { plugin: 'loop', timeoutMs: 60_000 } }).runAfter({ input: {} }, {}, controller);
    after.catch(() => undefined);
    await until(() => server.runtime.running === 1);

    controller.abort(new Error('shut down'));

    await expect(after).rejects.toThrow('shut down');
  });
});

describe('for code that cannot pass its operation as a function,', () => {
  test('the hooks before and after it run one by one, with one session', async () => {
    const hooks = hooksOf({
      before: ['email', ({ session }) => void (session.at = 1)],
      after: ['report', ({ data, session }) => ({ data: { ...data, at: session.at } })],
    });

    const begun = await hooks.runBefore({ input: {}, tenant_id: 'acme' });
    const data = await begun.after({ id: 7 });

    expect(begun.input).toEqual({ email: 'ada@example.com' });
    expect(data).toMatchObject({ input: begun.input, data: { id: 7 }, tenant_id: 'acme', at: 1 });
  });

  test('the hooks after it also run in another process, with what is known there', async () => {
    const data = await hooksOf({ before: 'no', after: 'report' }).runAfter({ input: { a: 1 } }, { id: 7 });

    expect(data).toMatchObject({ input: { a: 1 }, data: { id: 7 } });
  });
});

describe('mistakes are told:', () => {
  test.each<[string, object, RegExp]>([
    ['a key of another spelling', { input: {}, tenantId: 'acme' }, /unknown key 'tenantId'; the key is 'tenant_id'/],
    ['data', { input: {}, data: {} }, /the context of an operation has no data/],
    ['no object', 7 as never, /it must be an object, got a number/],
    ['an input that is no object', { input: [] }, /the input must be an object, got an array/],
    ['a tenant that is no string', { input: {}, tenant_id: 7 }, /tenantId must be a string or null, got a number/],
  ])('a context with %s', async (_, context, message) => {
    await expect(hooksOf({ before: 'yes' }).run(context, () => 0)).rejects.toThrow(message);
    await expect(hooksOf({ before: 'yes' }).runBefore(context)).rejects.toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ['no options', undefined, /the options of createHooks must be an object, got undefined/],
    ['no hooks', {}, /createHooks takes before, after, or both, got neither/],
    ['an option of the adapters', { before: 'yes', afterErrors: true }, /createHooks: unknown option 'afterErrors'/],
  ])('%s', (_, options, message) => {
    expect(() => createHooks(server.runtime, options as Options)).toThrow(message);
  });

  test('a signal that is none', async () => {
    await expect(hooksOf({ before: 'yes' }).run({ input: {} }, () => 0, { signal: {} as AbortSignal })).rejects.toThrow(
      'signal must be an AbortSignal, got an object',
    );
  });

  test('plugins and hooks that are missing, before the first operation', () => {
    expect(() => hooksOf({ before: ['yes', 'nowhere'] }).check()).toThrow(
      /createHooks: before\[1\] calls "nowhere", which is not loaded/,
    );
    expect(hooksOf({ before: ['yes', 'crash'] }).check()).toBeUndefined();
  });
});
