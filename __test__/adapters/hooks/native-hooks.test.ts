// Functions of the server as hooks.

import express from 'express';
import { WasmRuntime } from 'hookcell';
import { HookRejection, reject, wasmHooks } from 'hookcell/express';
import type { NativeHook } from 'hookcell/express';
import { hookContext, pluginAnswering } from 'hookcell/testing';

import { answerBody, closeServers, post, serve } from '../../support/express';

type AnyHook = NativeHook<any, any, any>;

const runtime = new WasmRuntime({ logger: false });

beforeAll(() => runtime.loadPluginBytes('changes', pluginAnswering({ ok: true, ctx: { input: { by: 'plugin' } } })));
afterEach(closeServers);
afterAll(() => runtime.close());

async function run(...before: (AnyHook | string)[]) {
  const { url, errors } = await serve(express, wasmHooks(runtime, { before, tenantId: 'acme' }), answerBody);
  return { ...(await post(url, { sent: true })), errors };
}

describe('a native hook', () => {
  test('sees the whole context and the session, as the hooks before it left them', async () => {
    const hook = jest.fn();

    await run(({ session }) => void (session.at = 1), 'changes', hook);

    expect(hook.mock.calls).toEqual([
      [
        {
          input: { by: 'plugin' },
          data: null,
          user: null,
          headers: expect.objectContaining({ 'content-type': 'application/json' }),
          tenant_id: 'acme',
          session: { at: 1 },
        },
      ],
    ]);
  });

  test('may change the input in place, or return another', async () => {
    const { body } = await run(
      ({ input }) => void (input.inPlace = true),
      ({ input }) => ({ input: { ...input, another: true } }),
    );

    expect(body).toEqual({ body: { sent: true, inPlace: true, another: true } });
  });

  test('cannot assign to the context, where the change would be lost', async () => {
    const { status, errors } = await run((context) => {
      (context as { input: unknown }).input = {};
    });

    expect(status).toBe(500);
    expect(errors).toMatchObject([{ name: 'TypeError', message: expect.stringMatching(/read only property 'input'/) }]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'the input itself',
      { sent: true },
      /^what before\[0\] returned: unknown option 'sent'; the options are input, data/,
    ],
    ['a result of a plugin', { ok: false, error: 'no' }, /^what before\[0\] returned: unknown option 'ok'/],
    ['a yes', true, /^what before\[0\] returned must be an object, got a boolean/],
    ['null', null, /^what before\[0\] returned must be an object, got null/],
    [
      'an input that is no object',
      { input: 7 },
      /^the input that before\[0\] returned must be an object, got a number/,
    ],
  ])('that returns %s is an error, and does not accept', async (_, returned, message) => {
    const { status, errors } = await run(() => returned as undefined);

    expect(status).toBe(500);
    expect(errors).toMatchObject([{ name: 'TypeError', message: expect.stringMatching(message) }]);
  });
});

describe('reject', () => {
  test('takes a reason, details and a status', () => {
    expect(reject('no', { details: [1], status: 404 })).toEqual(new HookRejection('no', [1], 404));
  });

  test.each<[string, unknown[], RegExp]>([
    ['no reason', [], /^the reason of a rejection must be a string, got undefined/],
    ['details that are no array', ['no', { details: 'a' }], /^details must be an array, got a string/],
    ['a status of success', ['no', { status: 200 }], /^status must be a whole number from 400 to 499, got 200/],
    ['a status of failure', ['no', { status: 500 }], /^status must be a whole number from 400 to 499, got 500/],
    ['an unknown option', ['no', { code: 404 }], /unknown option 'code'; the options are details, status/],
  ])('refuses %s', (_, given, message) => {
    expect(() => reject(...(given as [string]))).toThrow(message);
  });

  test('makes a value that a test of a hook can assert', async () => {
    const onlyEditors: AnyHook = ({ user }) => (user?.role === 'editor' ? undefined : reject('editors only'));

    expect(await onlyEditors(hookContext({ user: { id: '1', role: 'reader' } }))).toEqual(reject('editors only'));
    expect(await onlyEditors(hookContext({ user: { id: '1', role: 'editor' } }))).toBeUndefined();
  });
});
