import { spawnSync } from 'node:child_process';

import { loadSource, PluginBuildError, prepareLoadSource } from '@hookcell/javascript';
import type { LoadSourceOptions } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });
const context = { input: { email: ' A@B.example ' }, data: null, user: null, headers: {}, tenant_id: null };

beforeAll(() => prepareLoadSource(), 120_000);
afterAll(() => runtime.close());

const answering = (data: unknown) => `export const before_hook = () => ({ data: ${JSON.stringify(data)} });`;

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
  test('in TypeScript becomes a plugin with its hooks', async () => {
    const source = `
      import type { Hook } from '@hookcell/javascript';
      enum Mode { Trim = 1 }
      const mode: Mode = Mode.Trim;
      export const before_hook: Hook<{ email: string }> = ({ input }) => {
        if (mode === Mode.Trim) input.email = input.email.trim().toLowerCase();
      };
      export const check = <T,>(ctx: T) => ({ ok: false, error: 'no' }) as const;`;
    const { info, report } = await loadSource(runtime, 'typed', source, { limits: { maxFuel: 5_000_000 } });
    expect(info).toMatchObject({ key: 'typed', sha256: report.sha256, bytes: report.wasmBytes });
    expect(report.hooks).toEqual(['before_hook', 'check']);
    expect(await runtime.callHook('typed', 'before_hook', context)).toMatchObject({
      ok: true,
      ctx: { input: { email: 'a@b.example' } },
    });
  });

  test('in JavaScript is loaded as it is', async () => {
    await loadSource(runtime, 'plain', answering({ a: [1] }), { language: 'javascript' });
    expect(await dataOf('plain')).toEqual({ a: [1] });
    expect(await refusal('let a: number = 1;', { filename: 'own.js' })).toMatchObject({ code: 'ERR_SYNTAX', line: 1 });
  });

  test.each(['typescript', 'javascript'] as const)('in %s imports `reject`', async (language) => {
    const source = `import {\n  reject as no,\n} from '@hookcell/javascript';\nexport const before_hook = () => no('why', [1]);`;
    await loadSource(runtime, 'rejects', source, { language });
    expect(await dataOf('rejects')).toMatchObject({ ok: false, error: 'why', details: [1] });
  });

  test('replaces the plugin of its name, and a refused one leaves it', async () => {
    await loadSource(runtime, 'replaced', answering(1));
    await expect(loadSource(runtime, 'replaced', 'throw new Error("no")')).rejects.toThrow(PluginBuildError);
    expect(await dataOf('replaced')).toBe(1);
    await loadSource(runtime, 'replaced', answering(2));
    expect(await dataOf('replaced')).toBe(2);
  });

  test('that was requested last stays, though an earlier one takes longer', async () => {
    const slow = `let n = 0; for (let i = 0; i < 1e6; i++) n += i;\n${answering('slow')}`;
    const loads = [slow, answering('fast')].map((source) => loadSource(runtime, 'ordered', source));
    await Promise.all(loads);
    expect(await dataOf('ordered')).toBe('fast');
  });

  test('has faults with the location that its author knows', async () => {
    const source = 'export const before_hook = () => {\n\n  null.c();\n};';
    await loadSource(runtime, 'faulty', source, { filename: 'of-tenant.js' });
    const result = await runtime.callHook('faulty', 'before_hook', context);
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN' } });
    expect(JSON.stringify(result)).toContain('of-tenant.js:3:');
  });

  test('that its signal leaves rejects with the reason, and changes nothing', async () => {
    await loadSource(runtime, 'left', answering(1));
    const reason = new Error('left');
    const controller = new AbortController();
    const load = loadSource(runtime, 'left', `for (;;);\n${answering(2)}`, {
      signal: controller.signal,
      build: { timeoutMs: 60_000, maxFuel: Number.MAX_SAFE_INTEGER },
    });
    setImmediate(() => controller.abort(reason));
    await expect(load).rejects.toBe(reason);
    expect(await dataOf('left')).toBe(1);
  });

  test('whose plugin is unloaded meanwhile ends, and does not bring it back', async () => {
    await loadSource(runtime, 'unloaded', answering(1));
    const build = { timeoutMs: 60_000, maxFuel: Number.MAX_SAFE_INTEGER };
    const load = loadSource(runtime, 'unloaded', `for (;;);\n${answering(2)}`, { build });
    setImmediate(() => runtime.unloadPlugin('unloaded'));
    await expect(load).rejects.toMatchObject({ code: 'ERR_NOT_LOADED' });
    expect(runtime.isLoaded('unloaded')).toBe(false);
    await loadSource(runtime, 'unloaded', answering(3));
    expect(await dataOf('unloaded')).toBe(3);
  });

  test('that asks for the time in vain has that in its log, with the location that its author knows', async () => {
    const source = `type A = { a: number };
      export const before_hook = (): void => {
        try { Date.now(); } catch {}
      };`;
    await loadSource(runtime, 'timeless', source, { filename: 'of-tenant.ts' });
    const { log } = await runtime.callHook('timeless', 'before_hook', context);
    expect(log).toEqual([
      {
        level: 'warn',
        message: expect.stringMatching(
          /^asked for the time, which this call does not grant \(at .*before_hook \(of-tenant\.ts:3:\d+\)\)$/,
        ) as string,
      },
    ]);
  });
});

describe('a refused source says what is wrong and where:', () => {
  const hook = 'export const before_hook = () => {};';
  test.each<[string, string, number, number, string]>([
    ['a syntax error', `const é: string = "é";\nlet b: string = ;\n${hook}`, 2, 17, 'ERR_SYNTAX'],
    ['an import', `import type { A } from "x";\n${hook}\nimport { a } from "node:fs"; a();`, 3, 19, 'ERR_UNRESOLVED'],
    ['a relative import', `${hook}\n\nimport { a } from "../lib/./a.js"; a();`, 3, 19, 'ERR_UNRESOLVED'],
    ['a before_hook that is no function', `const a = 1;\nexport const before_hook = a;`, 2, 14, 'ERR_NO_HOOK'],
    ['a value with a taken name', `${hook}\nexport const memory = 1;`, 2, 14, 'ERR_EXPORT'],
    ['a throw of the top level', `${hook}\ntype A = 1;\n\n  throw new Error("no");`, 4, 13, 'ERR_THROWN'],
    ['no hook', 'export const beforeHook = () => {};', 1, 1, 'ERR_NO_HOOK'],
    ['a taken name', `${hook}\nexport const alloc = () => {};`, 2, 14, 'ERR_EXPORT'],
    ['a promise that never settles', `${hook}\nlet a: 1;\nawait new Promise(() => {});`, 3, 1, 'ERR_UNSETTLED'],
    [
      'a loop without an end',
      `${hook}\nlet a = 0;\nfor (const b of [1]) {\n  a += b;\n}\nwhile (true) {\n  a++;\n}\nlet c = 1;`,
      6,
      1,
      'ERR_FUEL',
    ],
    ['a catastrophic pattern', `${hook}\nlet x;\nx = /(a+)+$/.test("a".repeat(60) + "b");`, 3, 1, 'ERR_FUEL'],
    ['memory without an end', `${hook}\nlet x = [];\nfor (;;) x.push(new ArrayBuffer(1e6));`, 3, 1, 'ERR_MEMORY'],
  ])('%s', async (_, source, line, column, code) => {
    expect(await refusal(source)).toMatchObject({ code, line, column, file: 'plugin.ts' });
  });

  test('what it exports instead of a hook, and what it cannot import', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `export const name${i} = 1;`).join('');
    expect((await refusal(names)).message).toMatch(/; it exports name0, name1, .*name\d+ and 10 more\. Write: export/);
    const value = await refusal('export const before_hook = 1;', { language: 'javascript' });
    expect(value.message).toBe('before_hook is exported, but is not a function');
    const relative = await refusal(`import a from './a.js';\n${hook} a();`, { language: 'javascript' });
    expect(relative).toMatchObject({ line: 1, column: 15, message: expect.stringMatching(/^"\.\/a\.js" cannot be/) });
  });

  test('too many bytes', async () => {
    const source = `${hook}\n${'x'.repeat(100)}`;
    expect(await refusal(source, { build: { maxSourceBytes: 50 } })).toMatchObject({
      code: 'ERR_LIMIT',
      line: 2,
      column: 51 - hook.length - 1,
    });
  });
});

describe('a hostile source', () => {
  const repeat = (text: string) => text.repeat(Math.floor(262_000 / text.length));
  const sources: [string, string][] = [
    ['parentheses', repeat('(')],
    ['blocks', repeat('{')],
    ['templates', repeat('`${')],
    ['operators', repeat('!')],
    ['arrows', repeat('a=>')],
    ['choices', repeat('a?')],
    ['labels', repeat('a:')],
    ['type arguments', `let x: ${repeat('A<')}`],
    ['types or comparisons', repeat('a<')],
    ['function types', `let x: ${repeat('()=>')}`],
    ['a list of commas', `a${repeat(',a')}`],
    ['members', `a${repeat('.b')}`],
    ['conditions of types', `type X=${repeat('A extends B?C:')}`],
    ['JSX', repeat('<a>')],
    ['a pattern', `/${repeat('(')}/`],
    ['a long string that ends nowhere', `"${repeat('x')}`],
    ['exports', Array.from({ length: 8_000 }, (_, i) => `export function a${i}(){}`).join('\n')],
  ];
  test.each(['typescript', 'javascript'] as const)(
    'in %s is refused in bounded time, with a location',
    async (language) => {
      for (const [name, source] of sources) {
        const begin = performance.now();
        const error = await refusal(source, { language });
        expect([name, typeof error.line, typeof error.column, error.file?.slice(0, 7)]).toEqual([
          name,
          'number',
          'number',
          'plugin.',
        ]);
        // Each step has a second, and the machine may be busy.
        expect([name, performance.now() - begin < 8_000]).toEqual([name, true]);
      }
    },
    120_000,
  );

  test('does not hold up the source of another tenant', async () => {
    const alone: number[] = [];
    const beside: number[] = [];
    const load = async (times: number[], round: number) => {
      const begin = performance.now();
      await loadSource(runtime, 'neighbor', answering(round), { tenant: 'good' });
      times.push(performance.now() - begin);
    };
    for (let round = 0; round < 9; round++) {
      await load(alone, round);
    }
    const controller = new AbortController();
    const hostile = [repeat('a<'), `a${repeat(',a')}`, 'for (;;);', repeat('a?')].flatMap((source) =>
      Array.from({ length: 10 }, () =>
        loadSource(runtime, 'hostile', source, { tenant: 'hostile', signal: controller.signal }).catch(() => undefined),
      ),
    );
    for (let round = 0; round < 9; round++) {
      await load(beside, round);
    }
    expect(await dataOf('neighbor')).toBe(8);
    controller.abort();
    await Promise.all(hostile);
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[4]!;
    // They share the processor, and that is all. A hostile source alone takes a second.
    expect(median(beside)).toBeLessThan(Math.max(200, 8 * median(alone)));
  }, 60_000);
});

describe('the process that removes types', () => {
  test('ends with the server, and keeps it alive only while it has a source', () => {
    const program = `
      const { loadSource, prepareLoadSource } = require('@hookcell/javascript');
      const { WasmRuntime } = require('hookcell');
      const runtime = new WasmRuntime();
      loadSource(runtime, 'p', 'export const before_hook = (a: number) => {};').then(({ info }) => console.log(info.key));`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', program], { cwd: __dirname, timeout: 60_000 });
    expect([String(stdout), status]).toEqual(['p\n', 0]);
  }, 60_000);
});

describe('options', () => {
  test.each<[LoadSourceOptions, string]>([
    [{ build: { maxSourceBytes: 0 } }, 'build.maxSourceBytes must be a whole number from 1 to 4194304, got 0'],
    [{ language: 'python' as 'javascript' }, "language must be 'javascript' or 'typescript', got python"],
    [{ timeoutMs: 1 } as object, 'options has no timeoutMs'],
    [{ filename: 'a/b.ts' }, 'filename must be a name'],
    [{ queueTimeoutMs: 0 }, 'queueTimeoutMs must be a whole number from 1 to 3600000, got 0'],
  ])('%j are refused', async (options, message) => {
    await expect(loadSource(runtime, 'x', '', options)).rejects.toThrow(message);
  });
});
