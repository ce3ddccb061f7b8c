import { loadSource, PluginBuildError, prepareLoadSource } from '@hookcell/python';
import type { LoadSourceOptions } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });
const context = { input: { email: ' A@B.example ' }, data: null, user: null, headers: {}, tenant_id: null };

beforeAll(() => prepareLoadSource(), 240_000);
afterAll(() => runtime.close());

const answering = (data: string) => `def before_hook(ctx): return {"data": ${data}}`;

async function refusal(source: string, options?: LoadSourceOptions): Promise<PluginBuildError> {
  const error: unknown = await loadSource(runtime, 'refused', source, options).then(
    () => new Error('it was loaded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginBuildError)) {
    throw error;
  }
  return error;
}

async function dataOf(name: string): Promise<unknown> {
  const result = await runtime.callHook(name, 'before_hook', context);
  return result.ok ? result.ctx.data : result;
}

describe('a source', () => {
  test('becomes a plugin with its hooks, which shares the code of the engine', async () => {
    const source =
      'import re\n__all__ = ["check"]\ndef before_hook(ctx): ctx["input"]["email"] = re.sub(" ", "", ctx["input"]["email"])\ndef check(ctx): pass';
    const { info, report } = await loadSource(runtime, 'hooks', source, {
      language: 'python',
      limits: { maxFuel: 5_000_000 },
    });
    expect(info).toMatchObject({ key: 'hooks', sha256: report.sha256, bytes: report.wasmBytes, codeFrom: 'memory' });
    expect(report.hooks).toEqual(['before_hook', 'check']);
    expect(await runtime.callHook('hooks', 'before_hook', context)).toMatchObject({
      ok: true,
      ctx: { input: { email: 'A@B.example' } },
    });
  });

  test('replaces the plugin of its name, and a refused one leaves it', async () => {
    await loadSource(runtime, 'replaced', answering('1'));
    await expect(loadSource(runtime, 'replaced', 'raise ValueError("no")')).rejects.toThrow(PluginBuildError);
    expect(await dataOf('replaced')).toBe(1);
    await loadSource(runtime, 'replaced', answering('2'));
    expect(await dataOf('replaced')).toBe(2);
  });

  test('that was requested last stays, though an earlier one takes longer', async () => {
    const slow = `n = sum(range(1000000))\n${answering('"slow"')}`;
    await Promise.all([slow, answering('"fast"')].map((source) => loadSource(runtime, 'ordered', source)));
    expect(await dataOf('ordered')).toBe('fast');
  });

  test('that its signal leaves rejects with the reason, and changes nothing', async () => {
    await loadSource(runtime, 'left', answering('1'));
    const reason = new Error('left');
    const controller = new AbortController();
    const build = { timeoutMs: 60_000, maxFuel: Number.MAX_SAFE_INTEGER };
    const load = loadSource(runtime, 'left', 'while True: pass', { signal: controller.signal, build });
    setImmediate(() => controller.abort(reason));
    await expect(load).rejects.toBe(reason);
    expect(await dataOf('left')).toBe(1);
  });

  test('whose plugin is unloaded meanwhile ends, and does not bring it back', async () => {
    await loadSource(runtime, 'unloaded', answering('1'));
    const build = { timeoutMs: 60_000, maxFuel: Number.MAX_SAFE_INTEGER };
    const load = loadSource(runtime, 'unloaded', 'while True: pass', { build });
    setImmediate(() => runtime.unloadPlugin('unloaded'));
    await expect(load).rejects.toMatchObject({ code: 'ERR_NOT_LOADED' });
    expect(runtime.isLoaded('unloaded')).toBe(false);
  });

  test('has faults with the location that its author knows', async () => {
    await loadSource(runtime, 'faulty', 'def before_hook(ctx):\n\n    None.c()', { filename: 'of-tenant.py' });
    const result = await runtime.callHook('faulty', 'before_hook', context);
    expect(result).toMatchObject({ fault: { code: 'ERR_THROWN', backtrace: ['before_hook (of-tenant.py:3:5)'] } });
  });
});

describe('a refused source says what is wrong and where:', () => {
  const hook = 'def before_hook(ctx): pass';
  test.each<[string, string, object]>([
    ['a syntax error', `é = "é"\nb = ;\n${hook}`, { code: 'ERR_SYNTAX', line: 2 }],
    ['a file beside it', `${hook}\nimport jest_config`, { code: 'ERR_UNRESOLVED', line: 2 }],
    ['an exception', `${hook}\nraise ValueError("no")`, { code: 'ERR_THROWN', line: 2 }],
    ['a loop without an end', `${hook}\nwhile True: pass`, { code: 'ERR_TIMEOUT' }],
    ['memory without an end', `${hook}\nx = [0]\nwhile True: x = x * 2`, { code: 'ERR_MEMORY' }],
  ])('%s', async (_, source, expected) => {
    expect(await refusal(source, { build: { timeoutMs: 500, maxFuel: Number.MAX_SAFE_INTEGER } })).toMatchObject(
      expected,
    );
  });

  test('too many bytes', async () => {
    expect(await refusal(hook, { build: { maxSourceBytes: 5 } })).toMatchObject({
      code: 'ERR_LIMIT',
      message: 'plugin.py has 26 bytes; build.maxSourceBytes is 5',
    });
  });
});

test.each<[object, string]>([
  [{ language: 'javascript' }, "language must be 'python', got javascript"],
  [{ packages: 'x' }, 'packages must be an array of paths'],
  [{ build: { maxSourceBytes: 0 } }, 'build.maxSourceBytes must be a whole number from 1 to 4194304, got 0'],
  [{ nope: 1 }, 'options has no nope'],
  [{ filename: 'a/b.py' }, 'filename must be a name'],
])('the options %j are refused', async (options, message) => {
  await expect(loadSource(runtime, 'x', 'pass', options)).rejects.toThrow(message);
});
