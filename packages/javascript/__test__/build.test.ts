import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';
import { buildPlugin } from '@hookcell/javascript';
import type { BuildPluginOptions, BuiltPlugin } from '@hookcell/javascript';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-javascript-'));
const runtime = new WasmRuntime({ logger: false, maxFuel: 100_000_000 });

// Its code stays loaded, so that other plugins need not compile the engine again.
beforeAll(async () => {
  const { wasm } = await build('export const before_hook = () => {};');
  await runtime.loadPluginBytes('first', wasm);
}, 120_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

/** Writes files into a folder, and gives the path of `plugin.ts` there. */
function project(name: string, files: Record<string, string>): string {
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(folder, name, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return path.join(folder, name, 'plugin.ts');
}

async function call({ wasm }: BuiltPlugin, hook: string, context: object): Promise<PluginResult> {
  await runtime.loadPluginBytes('plugin', wasm);
  try {
    return await runtime.callHook('plugin', hook, { input: {}, ...context });
  } finally {
    runtime.unloadPlugin('plugin');
  }
}

function build(source: string, options?: BuildPluginOptions): Promise<BuiltPlugin> {
  return buildPlugin({ source }, options);
}

describe('what a hook returns', () => {
  const hooks: [string, string, object][] = [
    [
      'nothing, so that what it changed in place is changed',
      'ctx.input.a = 2; ctx.data.push(3);',
      { input: { a: 2 }, data: [1, 3] },
    ],
    [
      'nothing, after it put other objects in place',
      'ctx.input = { b: 1 }; ctx.data = "new";',
      { input: { b: 1 }, data: 'new' },
    ],
    [
      'nothing, after it changed what it may not',
      'ctx.user = { id: "root" }; ctx.tenant_id = "x";',
      { user: null, tenant_id: null },
    ],
    ['new input', 'ctx.data.push(3); return { input: { c: 1 } };', { input: { c: 1 }, data: [1] }],
    ['new data', 'return { data: { n: 1 } };', { input: { a: 1 }, data: { n: 1 } }],
    ['a result with changes', 'return { ok: true, ctx: { input: { d: 1 } } };', { input: { d: 1 }, data: [1] }],
    [
      'a result without changes, whatever it changed in place',
      'ctx.input.a = 9; return { ok: true };',
      { input: { a: 1 }, data: [1] },
    ],
    ['a patch', 'return { ok: true, patch: [{ op: "add", path: "/input/e", value: 1 }] };', { input: { a: 1, e: 1 } }],
  ];

  test.each(hooks)('is %s', async (_, body, expected) => {
    const plugin = await build(
      `export const before_hook = (ctx) => { ${body} }; export const later = async (ctx) => { await null; ${body} };`,
    );
    const context = { input: { a: 1 }, data: [1] };
    expect(await call(plugin, 'before_hook', context)).toMatchObject({ ok: true, ctx: expected });
    expect(await call(plugin, 'later', context)).toMatchObject({ ok: true, ctx: expected });
  });

  test('is a rejection, with the status that an adapter responds with', async () => {
    const plugin = await build(
      `import { reject } from '@hookcell/javascript'; export const before_hook = () => reject('no', ['why'], 403);`,
    );
    const result = await call(plugin, 'before_hook', {});
    expect(result).toMatchObject({ ok: false, error: 'no', details: [{ status: 403 }, 'why'] });
    expect(result).not.toHaveProperty('fault');
  });

  test('is a fault if it is anything else', async () => {
    const plugin = await build('export const before_hook = () => 5;');
    expect(await call(plugin, 'before_hook', {})).toHaveProperty('fault');
  });
});

describe('a plugin', () => {
  test('has every exported function as a hook', async () => {
    const plugin = await build(`
      export function before_hook() {}
      export const check = () => ({ data: 'checked' });
      export const notAHook = { a: 1 };
      export default () => ({ data: 'default' });`);
    expect(plugin.report.hooks).toEqual(['before_hook', 'check', 'default']);
    expect(await call(plugin, 'check', {})).toMatchObject({ ok: true, ctx: { data: 'checked' } });
    expect(await call(plugin, 'default', {})).toMatchObject({ ok: true, ctx: { data: 'default' } });
  });

  test('is bundled with its packages and its data', async () => {
    const entry = project('bundled', {
      'plugin.ts': `
        import old from 'old-package';
        import { twice } from 'new-package';
        import table from './table.json';
        import { type Row, local } from './lib/local.js';
        export const before_hook = () => ({ data: [old.name, twice(2), (table as Row[]).length, local(), process.env.NODE_ENV, global === globalThis] });`,
      'lib/local.ts': 'export type Row = number; export const local = (): string => "lócal";',
      'table.json': '[1, 2, 3]',
      'node_modules/old-package/package.json': '{ "main": "main.js", "browser": { "./node.js": "./plain.js" } }',
      'node_modules/old-package/main.js': "exports.name = require('./node.js');",
      'node_modules/old-package/node.js': "module.exports = require('os').hostname();",
      'node_modules/old-package/plain.js': "module.exports = 'plain';",
      'node_modules/new-package/package.json': '{ "exports": { "node": "./node.js", "default": "./index.mjs" } }',
      'node_modules/new-package/index.mjs': 'export const twice = (n) => 2 * n; export const unused = "u".repeat(2);',
    });
    const plugin = await buildPlugin({ entry });
    const expected = ['plain', 4, 3, 'lócal', 'production', true];
    expect(await call(plugin, 'before_hook', {})).toMatchObject({ ok: true, ctx: { data: expected } });
    expect(plugin.report.inputs.map(({ name }) => name).toSorted()).toEqual([
      'lib/local.ts',
      'new-package',
      'old-package',
      'plugin.ts',
      'table.json',
    ]);
  });

  test('of a text imports files only from the folder that is given', async () => {
    project('resolved', { 'a.js': 'export const a = 7;' });
    const source = `import { a } from './a.js'; export const before_hook = () => ({ data: a });`;
    const plugin = await buildPlugin({ source, resolveDir: path.join(folder, 'resolved') });
    expect(await call(plugin, 'before_hook', {})).toMatchObject({ ok: true, ctx: { data: 7 } });
  });

  test('has the same bytes in whatever folder it is built, and from whatever folder', async () => {
    const files = {
      'plugin.ts': `import p from 'p'; import { local } from './lib/local.js'; import { reject } from '@hookcell/javascript';
        export const before_hook = () => (p + local + Math.random() + Date.now() > 5 ? undefined : reject('no'));`,
      'lib/local.ts': 'export const local = 1;',
      'node_modules/p/index.js': 'module.exports = 5;',
    };
    const entry = project('one', files);
    const other = path.join(folder, 'a', 'deeper', 'folder');
    cpSync(path.dirname(entry), other, { recursive: true });
    const before = process.cwd();
    const one = await buildPlugin({ entry });
    process.chdir(path.dirname(other));
    const two = await buildPlugin({ entry: path.join('folder', 'plugin.ts') }).finally(() => process.chdir(before));
    expect(Buffer.from(one.wasm).equals(two.wasm)).toBe(true);
    expect(one.report.sha256).toBe(two.report.sha256);
  });

  test('carries a source map without the text of the sources, unless it is turned off', async () => {
    const source = '// a secret comment\nexport const before_hook = () => {};';
    const [mapped, plain] = await Promise.all([build(source), build(source, { sourcemap: false })]);
    const section = Buffer.from(mapped.wasm.subarray(plain.wasm.length));
    const name = 'hookcell.sourcemap';
    expect(Buffer.from(mapped.wasm.subarray(0, plain.wasm.length)).equals(plain.wasm)).toBe(true);
    expect(mapped.report.size.sourcemap).toBe(section.length);
    const map: unknown = JSON.parse(section.subarray(section.indexOf(name) + name.length).toString());
    expect(map).toEqual({
      version: 3,
      file: 'plugin.js',
      sources: ['plugin.ts'],
      names: [],
      mappings: expect.stringMatching(/\w/),
    });
  });

  test('declares what it needs, because JavaScript needs more fuel than the host gives by default', async () => {
    const source = 'export const before_hook = () => {};';
    const declared = ({ wasm }: BuiltPlugin) => {
      const bytes = Buffer.from(wasm);
      const begin = bytes.lastIndexOf('hookcell.limits') + 'hookcell.limits'.length;
      return bytes.subarray(begin).toString();
    };
    expect(declared(await build(source, { sourcemap: false }))).toBe('{"maxFuel":50000000,"fuelPerContextByte":5000}');
    const declares = { timeoutMs: 50, maxFuel: 7 };
    expect(declared(await build(source, { sourcemap: false, declares }))).toBe(
      '{"maxFuel":7,"fuelPerContextByte":5000,"timeoutMs":50}',
    );
    const large = 'export const before_hook = () => {}; export const kept = new Uint8Array(13_000_000).fill(1);';
    const limits = { maxModuleBytes: 32_000_000 };
    expect(declared(await build(large, { sourcemap: false, limits }))).toMatch(
      /^\{.*,"maxMemoryPages":(2[6-9]\d|3\d\d)\}$/,
    );
  });

  test('shares its code with every other one of this engine, whatever it exports', async () => {
    const { wasm } = await build(
      'export const big = "x".repeat(100000); export const before_hook = () => ({ data: big.length }); export const other = () => {};',
    );
    const second = await runtime.loadPluginBytes('second', wasm);
    const first = runtime.plugins().find(({ key }) => key === 'first');
    expect(second).toMatchObject({ codeFrom: 'memory', codeBytes: first?.codeBytes });
    runtime.unloadPlugin('second');
  });

  test('is smaller if it is minified, and does the same', async () => {
    const source = `const aLongName = (anArgument) => anArgument.input.n + 1; export const before_hook = (ctx) => ({ data: aLongName(ctx) });`;
    const [plain, minified] = [await build(source), await build(source, { minify: true })];
    expect(minified.report.bytecodeBytes).toBeLessThan(plain.report.bytecodeBytes);
    expect(await call(minified, 'before_hook', { input: { n: 1 } })).toMatchObject({ ok: true, ctx: { data: 2 } });
  });
});

describe('samples', () => {
  const source =
    'let calls = 0; export const before_hook = ({ input }) => ({ data: [++calls, input.zip?.code ?? null] });';
  const samples = [{ input: { zip: { code: 1 } } }, { data: [1] }];

  test('run nothing of the plugin', async () => {
    const plugin = await build(source, { samples });
    expect(await call(plugin, 'before_hook', {})).toMatchObject({ ok: true, ctx: { data: [1, null] } });
  });

  test('run the hooks if they are rehearsed, and what these leave stays', async () => {
    const plugin = await build(source, { samples, rehearse: true });
    expect(await call(plugin, 'before_hook', {})).toMatchObject({ ok: true, ctx: { data: [2, null] } });
    expect(await call(plugin, 'before_hook', {})).toMatchObject({ ok: true, ctx: { data: [2, null] } });
  });

  test('refuse a plugin that throws on one', async () => {
    const thrower = 'export const before_hook = ({ input }) => { input.a.b; };';
    await expect(build(thrower, { samples: [{ input: {} }], rehearse: true })).rejects.toMatchObject({
      code: 'ERR_THROWN',
      message: expect.stringContaining('a hook throws on a sample: TypeError'),
      file: 'plugin.ts',
      line: 1,
    });
  });
});

describe('the report', () => {
  test('adds up, and says what the plugin is made of', async () => {
    const { wasm, report } = await build('export const before_hook = () => {};');
    const { total, code, data, sourcemap, rest } = report.size;
    expect(total).toBe(wasm.length);
    expect(code + data + sourcemap + rest).toBe(total);
    expect(code).toBeGreaterThan(400_000);
    expect(report).toMatchObject({
      bundleBytes: expect.any(Number),
      engine: {
        name: 'quickjs-ng',
        version: expect.stringMatching(/^\d+\.\d+/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      inputs: [{ name: 'plugin.ts' }],
      warnings: [],
    });
    expect(Object.keys(report.ms)).toEqual(['bundle', 'engine', 'compile', 'run', 'total']);
  });
});

describe('a signal', () => {
  test('that has aborted stops a build before it begins', async () => {
    const reason = new Error('no more');
    await expect(build('export const before_hook = () => {};', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  test('that aborts stops a build', async () => {
    const controller = new AbortController();
    const limits = { timeoutMs: 3_000 };
    const built = build('export const before_hook = () => {}; for (;;);', { limits, signal: controller.signal });
    controller.abort();
    await expect(built).rejects.toMatchObject({ name: 'AbortError' });
  });
});
