// What the package offers for tests of hooks and plugins.

import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';
import { reject } from 'hookcell/express';
import {
  assertAccepted,
  assertFaulted,
  assertRejected,
  hookContext,
  pluginAnswering,
  pluginFailing,
} from 'hookcell/testing';

const runtime = new WasmRuntime({ logger: false });
afterAll(() => runtime.close());

async function call(bytes: Uint8Array, hook = 'before_hook', input: object = {}): Promise<PluginResult<object>> {
  await runtime.loadPluginBytes('plugin', bytes);
  return await runtime.callHook<object>('plugin', hook, { input });
}

describe('pluginAnswering gives a plugin that', () => {
  test.each(['before_hook', 'after_hook'])('answers in its %s', async (hook) => {
    const answer = { ok: false, error: 'nein — 否', details: [{ a: [1, null] }] } as const;

    expect(await call(pluginAnswering({ ...answer, details: [{ a: [1, null] }] }), hook)).toMatchObject(answer);
  });

  test.each([0, 1, 63, 64, 8_191, 8_192, 65_535, 65_536, 1_000_000])(
    'answers with %d characters of text',
    async (length) => {
      const error = 'x'.repeat(length);

      expect(await call(pluginAnswering({ ok: false, error }))).toMatchObject({ ok: false, error });
    },
  );

  test('takes as much context as there may be by default', async () => {
    const result = await call(pluginAnswering({ ok: true }), 'before_hook', { text: 'x'.repeat(1_048_000) });

    expect(result.ok).toBe(true);
  });

  test('breaks the contract if a test asks for that', async () => {
    expect(await call(pluginAnswering('{"ok":'))).toMatchObject({ fault: { code: 'ERR_RESULT' } });
  });

  test('is made of an answer and of nothing else', () => {
    expect(() => pluginAnswering(undefined as never)).toThrow(
      /^the answer must be an object or a string, got undefined/,
    );
  });
});

describe('pluginFailing gives a plugin that', () => {
  test('traps', async () => {
    expect(await call(pluginFailing())).toMatchObject({ fault: { code: 'ERR_TRAP' } });
  });

  test('loops until it is stopped', async () => {
    expect(await call(pluginFailing('loop'))).toMatchObject({ fault: { code: 'ERR_FUEL' } });
  });

  test('fails in no other way', () => {
    expect(() => pluginFailing('politely' as 'trap')).toThrow(/^how must be 'trap' or 'loop', got "politely"/);
  });
});

describe('hookContext', () => {
  test('fills in what is left out', () => {
    expect(hookContext({ input: { a: 1 }, tenant_id: 'acme' })).toEqual({
      input: { a: 1 },
      data: null,
      user: null,
      headers: {},
      tenant_id: 'acme',
      session: {},
    });
  });

  test('is frozen, as the context of a native hook is', () => {
    expect(() => Object.assign(hookContext(), { data: 1 })).toThrow(TypeError);
  });
});

describe('an assertion', () => {
  const yes = () => call(pluginAnswering({ ok: true }));
  const no = () => call(pluginAnswering({ ok: false, error: 'too late', details: [1] }));
  const fault = () => call(pluginFailing());

  test('holds for what it asserts', async () => {
    assertAccepted(await yes());
    assertRejected(await no());
    assertRejected(await no(), 'too late');
    assertRejected(await no(), /late/);
    assertRejected(reject('no'), 'no');
    assertFaulted(await fault());
    assertFaulted(await fault(), 'ERR_TRAP');
  });

  test('says what it found instead', async () => {
    const [accepted, rejected, failed] = [await yes(), await no(), await fault()];

    expect(() => assertAccepted(rejected)).toThrow('it should have accepted, but rejected with too late: [1]');
    expect(() => assertAccepted(failed)).toThrow(/^it should have accepted, but failed with ERR_TRAP: /);
    expect(() => assertRejected(accepted)).toThrow('it should have rejected, but accepted');
    expect(() => assertRejected(failed)).toThrow(/^it should have rejected, but failed with ERR_TRAP: /);
    expect(() => assertRejected(rejected, 'too early')).toThrow(
      /^it should have rejected with too early, but rejected/,
    );
    expect(() => assertRejected(reject('no'), /yes/)).toThrow(
      'it should have rejected with /yes/, but rejected with no: []',
    );
    expect(() => assertRejected(undefined)).toThrow('it should have rejected, but gave nothing');
    expect(() => assertFaulted(rejected)).toThrow('it should have failed, but rejected with too late: [1]');
    expect(() => assertFaulted(failed, 'ERR_FUEL')).toThrow(
      /^it should have failed with ERR_FUEL, but failed with ERR_TRAP/,
    );
  });

  test('points at the line that asserts', async () => {
    const rejected = await no();
    try {
      assertAccepted(rejected);
    } catch (error) {
      expect((error as Error).stack?.split('\n')[1]).toMatch(/testing\.test\.ts/);
    }
    expect.assertions(1);
  });
});
