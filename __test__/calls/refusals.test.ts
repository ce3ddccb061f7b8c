// Why the host refuses: each code of a HookcellError.

import { errorCodes, faultCodes, HookcellError, WasmRuntime } from 'hookcell';

import { NativeRuntime } from '../../native';
import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';
import { compile, fixture } from '../support/wat';

const context = { input: {}, data: { id: 7 } };

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe('the host refuses', () => {
  test('ERR_NOT_LOADED: a call of a plugin that is not loaded', async () => {
    await refusal(runtime.callHook('nobody', 'before_hook', context), 'ERR_NOT_LOADED');
  });

  test('ERR_READ: a file that does not exist', async () => {
    const error = await refusal(runtime.loadPlugin('./no/such.wasm'), 'ERR_READ');

    expect(error.message).toContain('such.wasm');
  });

  test('ERR_COMPILE: bytes that are not a module', async () => {
    await refusal(runtime.loadPluginBytes('plugin', Buffer.from('not WebAssembly')), 'ERR_COMPILE');
  });

  test('ERR_ABI: a module that does not follow the contract', async () => {
    await refusal(runtime.loadPluginBytes('plugin', await compile('(module)')), 'ERR_ABI');
  });

  test('ERR_IMPORT: a module with imports', async () => {
    await refusal(runtime.loadPluginBytes('plugin', await fixture('wasi')), 'ERR_IMPORT');
  });

  test('ERR_DIGEST: bytes that do not have the expected digest', async () => {
    const load = runtime.loadPluginBytes('plugin', await fixture('pass_through'), { sha256: '0'.repeat(64) });

    await refusal(load, 'ERR_DIGEST');
  });

  test('ERR_LIMIT: a context over its limit, which the error names', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'), { maxContextBytes: 10 });

    const error = await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_LIMIT');

    expect(error.limit).toBe('maxContextBytes');
    expect(error.message).toContain('maxContextBytes is 10');
  });

  test('ERR_NO_HOOK: a hook that the plugin does not export, and the error lists those it has', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));

    const error = await refusal(runtime.callHook('plugin', 'around_hook', context), 'ERR_NO_HOOK');

    expect(error.message).toContain('around_hook');
    expect(error.message).toContain('after_hook');
  });

  test('ERR_NO_HOOK: an export that is not a hook', async () => {
    await runtime.loadPluginBytes('plugin', await fixture('pass_through'));

    await refusal(runtime.callHook('plugin', 'alloc', context), 'ERR_NO_HOOK');
  });

  test('ERR_CONTEXT: a context of the wrong shape', async () => {
    await refusal(runtime.callHook('plugin', 'before_hook', {} as { input: object }), 'ERR_CONTEXT');
  });

  test('ERR_QUEUE_FULL: a call when the queue is full', async () => {
    const full = await makeRuntime({ concurrency: 1, maxQueue: 0 });
    occupy(full);

    const error = await refusal(full.callHook('quick', 'before_hook', context), 'ERR_QUEUE_FULL');

    expect(error.limit).toBe('maxQueue');
    await full.close({ interrupt: true });
  });

  test('ERR_QUEUE_TIMEOUT: a call that waited too long', async () => {
    await using busy = await makeRuntime({ concurrency: 1 });
    const running = busy.callHook('endless', 'before_hook', context, { timeoutMs: 300 });

    const late = busy.callHook('endless', 'before_hook', context, { queueTimeoutMs: 5 });
    const { message } = await refusal(late, 'ERR_QUEUE_TIMEOUT');

    expect(message).toContain('5 ms');
    expect(await running).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  });

  test('ERR_CLOSED: a call of a closed runtime', async () => {
    await runtime.close();

    await refusal(runtime.callHook('plugin', 'before_hook', context), 'ERR_CLOSED');
  });

  test('ERR_INTERNAL: the addon fails, and its own error is the cause', async () => {
    const cause = new Error('out of memory');
    const broken = jest.spyOn(NativeRuntime.prototype, 'prepareHook').mockImplementation(() => {
      throw cause;
    });
    try {
      const error = await refusal(runtime.callHook('plugin', 'another_hook', context), 'ERR_INTERNAL');

      expect(error.message).toContain('out of memory');
      expect(error.cause).toBe(cause);
    } finally {
      broken.mockRestore();
    }
  });

  test('with an Error whose stack shows the caller', async () => {
    async function handler() {
      await runtime.callHook('nobody', 'before_hook', context);
    }

    const error = await refusal(handler(), 'ERR_NOT_LOADED');

    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('HookcellError');
    expect(error.stack).toMatch(/^HookcellError: plugin "nobody"/);
    expect(error.stack).toMatch(/at (async )?handler .*refusals\.test\.ts/);
    expect('limit' in error).toBe(false);
  });
});

test('every code has an explanation', () => {
  for (const [code, meaning] of [...Object.entries(errorCodes), ...Object.entries(faultCodes)]) {
    expect(code).toMatch(/^ERR_[A-Z_]+$/);
    expect(meaning).toMatch(/^[A-Z].*[.…]$/);
  }
  expect(new HookcellError('ERR_CLOSED', errorCodes.ERR_CLOSED)).toMatchObject({ code: 'ERR_CLOSED' });
});
