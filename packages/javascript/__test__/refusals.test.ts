import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { buildPlugin, PluginBuildError } from '@hookcell/javascript';
import type { BuildPluginOptions, PluginSource, Problem } from '@hookcell/javascript';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-javascript-'));

// The first build compiles the engine.
beforeAll(() => buildPlugin({ source: 'export const before_hook = () => {};' }), 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hook = 'export const before_hook = () => {};';

async function refusal(from: PluginSource, options?: BuildPluginOptions): Promise<PluginBuildError> {
  const error: unknown = await buildPlugin(from, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginBuildError)) {
    throw new Error(`not refused by the builder: ${String(error)}`);
  }
  return error;
}

/** The problem of a source whose hook is not found. */
const noHook = (message: string): Partial<Problem> => ({
  code: 'ERR_NO_HOOK',
  message: expect.stringContaining(message) as string,
});

/** Writes files, and gives the path of `plugin.ts`. */
function project(name: string, files: Record<string, string>): string {
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(folder, name, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return path.join(folder, name, 'plugin.ts');
}

describe('a source is refused', () => {
  const sources: Record<string, [string, Partial<Problem>]> = {
    'with a syntax error': [
      `${hook}\nconst é = (1 + ;`,
      { code: 'ERR_SYNTAX', line: 2, column: 16, lineText: 'const é = (1 + ;', message: 'Unexpected ";"' },
    ],
    'that exports no before_hook': [
      'export const after_hook = () => {}; export const n = 1;',
      noHook('it exports after_hook, n. Write'),
    ],
    'that exports before_hook under another name': [
      'export const beforeHook = () => {};',
      noHook('Is beforeHook meant? Rename it'),
    ],
    'that exports its hooks as the default': [
      'export default { before_hook() {} };',
      noHook('it exports default. A hook is an export with its own name'),
    ],
    'that exports its hooks as CommonJS does': [
      'module.exports = { before_hook() {} };',
      noHook('A hook is an export with its own name, in an ES module'),
    ],
    'that exports nothing': ['1;', noHook('it exports nothing')],
    'whose before_hook is not a function': [
      '\nexport const before_hook = 5;',
      { code: 'ERR_NO_HOOK', message: expect.stringContaining('is not a function'), line: 2, column: 14 },
    ],
    'whose top level throws': [
      `const check = (n: number): number => {\n  if (n > 0) throw new RangeError('too much: é');\n  return n;\n};\n${hook}\n  check(1);`,
      {
        code: 'ERR_THROWN',
        message: 'the top level throws: RangeError: too much: é',
        line: 2,
        lineText: "  if (n > 0) throw new RangeError('too much: é');",
      },
    ],
    'whose top level throws text that a terminal acts on': [
      `${hook}\nthrow new Error('\\x1b[2J\\n\\u202e' + 'x'.repeat(9_000));`,
      {
        code: 'ERR_THROWN',
        message: expect.stringMatching(/^the top level throws: Error: \\u\{1b\}\[2J\\u\{a\}\\u\{202e\}x{1900,2000}…$/),
      },
    ],
    'whose top level throws what is no error': [
      `${hook} throw { toString() { throw 1; } };`,
      { code: 'ERR_THROWN', message: expect.stringContaining('the top level throws') },
    ],
    'whose top level waits for ever': [
      `${hook} await new Promise(() => {});`,
      { code: 'ERR_UNSETTLED', message: expect.stringContaining('never settles') },
    ],
    'that calls eval': [
      `export const before_hook = () => {\n  return { data: eval('1') };\n};`,
      { code: 'ERR_EVAL', line: 2, column: 18, lineText: "  return { data: eval('1') };" },
    ],
    'that calls eval indirectly': [`${hook}\n(0, eval)('1');`, { code: 'ERR_EVAL', line: 2 }],
    'that makes a function from text': [
      `${hook}\nexport const check = () => new Function('return 1')();`,
      { code: 'ERR_EVAL', line: 2, column: 32, message: expect.stringContaining('new Function') },
    ],
    'that makes one through globalThis': [`${hook}\nglobalThis.Function('return 1');`, { code: 'ERR_EVAL', line: 2 }],
    'that imports anything, because it is only a text': [
      `import data from './package.json';\n${hook} data();`,
      { code: 'ERR_UNRESOLVED', line: 1, column: 18, message: expect.stringContaining('only @hookcell/javascript') },
    ],
    'that imports a file by its address': [
      `${hook}\nawait import('file:///etc/passwd');`,
      { code: 'ERR_UNRESOLVED', line: 2 },
    ],
    'that imports what this package does not have for plugins': [
      `import { buildPlugin } from '@hookcell/javascript';\n${hook} buildPlugin();`,
      { code: 'ERR_UNRESOLVED', line: 1, column: 10 },
    ],
    'that exports a name of the plugin contract': [
      `${hook}\nexport function alloc() {}`,
      { code: 'ERR_EXPORT', line: 2, column: 17, message: expect.stringContaining('the name alloc') },
    ],
    'that exports a name no hook can have': [
      `${hook}\nconst f = () => {}; export { f as 'a b' };`,
      { code: 'ERR_EXPORT', message: expect.stringContaining('"a b"') },
    ],
    'that exports too many functions': [
      hook + Array.from({ length: 20 }, (_, i) => `export const h${i} = () => 1;`).join(''),
      { code: 'ERR_EXPORT', message: expect.stringContaining('at most 16 functions') },
    ],
    'that nests too deeply for the engine': [
      `${hook} const f = (n) => n; ${'f('.repeat(450)}1${')'.repeat(450)};`,
      { code: 'ERR_SYNTAX' },
    ],
  };

  test.each(Object.entries(sources))('%s', async (_, [source, expected]) => {
    expect(await refusal({ source })).toMatchObject(expected);
  });

  test.each([
    ['ERR_FUEL', 'for (;;);'],
    ['ERR_FUEL', '/(a+)+$/.test("a".repeat(60) + "b");'],
    ['ERR_MEMORY', 'const a = []; for (;;) a.push(new ArrayBuffer(1e6));'],
    ['ERR_THROWN', 'const f = () => f() + 1; f();'],
  ])('with %s if its top level runs away: %s', async (code, line) => {
    const limits = { maxFuel: 200_000_000 };
    expect(await refusal({ source: `${hook}\n${line}` }, { limits })).toMatchObject({ code });
  });

  test('with ERR_TIMEOUT if its top level takes too long', async () => {
    const limits = { timeoutMs: 50, maxFuel: 2 ** 53 - 1 };
    const error = await refusal({ source: `${hook} for (;;);` }, { limits });
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', message: expect.stringContaining('timeoutMs') });
  });

  (process.platform === 'win32' ? test.skip : test)('with ERR_TIMEOUT if the bundler waits for a file', async () => {
    const entry = project('waits', { 'plugin.ts': hook, 'tsconfig.json': '{ "extends": "./never.json" }' });
    const file = path.join(path.dirname(entry), 'never.json');
    execFileSync('mkfifo', [file]);
    const error = await refusal({ entry }, { limits: { timeoutMs: 300 } });
    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'bundling plugin.ts took too long: it was not done after 300 ms (timeoutMs)',
    });
    // All builds share the process that waits.
    expect((await buildPlugin({ source: hook })).report.hooks).toEqual(['before_hook']);
    // It keeps this process alive until it has read the file.
    writeFileSync(file, '{}');
  });

  test('before anything reads it, if it nests too deeply or is too long', async () => {
    const nested = await refusal({ source: `${hook}\nconst a = ${'['.repeat(100_000)};` });
    expect(nested).toMatchObject({ code: 'ERR_STACK', line: 2, column: 511 });
    const long = { source: `${hook}\n//é` };
    expect(await refusal(long, { limits: { maxSourceBytes: hook.length + 4 } })).toMatchObject({
      code: 'ERR_LIMIT',
      line: 2,
      message: `the source is longer than ${hook.length + 4} bytes (limits.maxSourceBytes)`,
    });
    await expect(buildPlugin(long, { limits: { maxSourceBytes: hook.length + 5 } })).resolves.toBeDefined();
  });

  test('with all its syntax errors, and as an error to log', async () => {
    const error = await refusal({ source: 'const a = 1; const a = 2;\nconst b = 1; const b = 2;', filename: 'my.js' });
    expect(error.problems.map(({ file, line }) => [file, line])).toEqual([
      ['my.js', 1],
      ['my.js', 2],
    ]);
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toMatch(/^PluginBuildError: The symbol "a"/);
  });

  test('with the calls that led to an exception', async () => {
    const source = `function inner(): never {\n  throw new Error('x');\n}\n${hook}\nfunction outer() { inner(); }\nouter();`;
    const { backtrace } = await refusal({ source });
    expect(backtrace).toEqual([
      expect.stringMatching(/^inner \(plugin\.ts:2:\d+\)$/),
      expect.stringMatching(/^outer \(plugin\.ts:5:\d+\)$/),
      expect.stringMatching(/^<anonymous> \(plugin\.ts:6:\d+\)$/),
    ]);
  });
});

describe('an entry is refused', () => {
  const zip = 'node_modules/zip/index.js';

  test('if it is not there', async () => {
    expect(await refusal({ entry: path.join(folder, 'nothing.ts') })).toMatchObject({
      code: 'ERR_READ',
      message: expect.stringContaining('nothing.ts'),
    });
  });

  test('if it imports a module of Node.js', async () => {
    const entry = project('builtin', {
      'plugin.ts': `import { createHash } from 'node:crypto';\n${hook} createHash();`,
    });
    const error = await refusal({ entry });
    expect(error).toMatchObject({ code: 'ERR_BUILTIN', file: 'plugin.ts', line: 1, column: 28 });
    expect(error.message).toBe(
      '"node:crypto" is a module of Node.js, and a plugin has none: use a package in plain JavaScript, such as @noble/hashes',
    );
  });

  test('if a package imports one, and the message says which', async () => {
    const entry = project('package', {
      'plugin.ts': `import z from 'zip';\n${hook} z();`,
      [zip]: "module.exports = require('fs');",
    });
    const error = await refusal({ entry });
    expect(error).toMatchObject({ code: 'ERR_BUILTIN', file: zip, line: 1 });
    expect(error.message).toContain('"fs", which the package zip imports, is a module of Node.js');
  });

  test('if an import is not found', async () => {
    const entry = project('missing', {
      'plugin.ts': `import a from './a.js';\nimport b from 'b-package';\n${hook} a(b);`,
    });
    const { problems } = await refusal({ entry });
    expect(problems).toMatchObject([
      { code: 'ERR_UNRESOLVED', line: 1, message: '"./a.js" is not found: there is no such file' },
      { code: 'ERR_UNRESOLVED', line: 2, message: '"b-package" is not found: is it installed? npm install b-package' },
    ]);
  });

  test('if an import is not exported, or is on the network', async () => {
    const entry = project('names', {
      'plugin.ts': `import { b } from './a.js';\n${hook} b();`,
      'a.js': 'export const a = 1;',
      'net.ts': `import a from 'https://a.example/a.js';\n${hook} a();`,
    });
    expect(await refusal({ entry })).toMatchObject({ code: 'ERR_UNRESOLVED', line: 1, column: 10 });
    const net = await refusal({ entry: entry.replace('plugin.ts', 'net.ts') });
    expect(net).toMatchObject({ code: 'ERR_UNRESOLVED', message: expect.stringContaining('network') });
  });

  test('if it is too large, with what takes the room', async () => {
    const text = JSON.stringify('x'.repeat(100_000));
    const entry = project('large', {
      'plugin.ts': `import z from 'zip';\nexport const before_hook = () => ({ data: z });`,
      [zip]: `export default ${text};`,
    });
    const error = await refusal({ entry }, { limits: { maxModuleBytes: 800_000 } });
    expect(error).toMatchObject({ code: 'ERR_LIMIT', inputs: [{ name: 'zip' }, { name: 'plugin.ts' }] });
    expect(error.message).toMatch(
      /^the plugin has \d+ bytes.*maxModuleBytes.*What takes the most room in the bundle: zip \(100,0\d\d bytes\), plugin\.ts/,
    );
  });

  test('not if a package only tries to make a function or to import a module of Node.js', async () => {
    const entry = project('tries', {
      'plugin.ts': `import z from 'zip';\nexport const before_hook = () => ({ data: z });`,
      [zip]:
        "let f; try { f = new Function('return 1')(); f = require('crypto'); } catch { f = 'none'; }\nmodule.exports = f;",
    });
    const { report } = await buildPlugin({ entry });
    expect(report.warnings).toMatchObject([{ message: 'new Function throws in a plugin', file: zip, line: 1 }]);
  });

  test('not for a package that is known to answer wrongly without the time, but there is a warning', async () => {
    const entry = project('dates', {
      'plugin.ts': `import format from 'dayjs/plugin/customParseFormat.js'; export const before_hook = () => ({ data: format });`,
      'node_modules/dayjs/package.json': '{"name":"dayjs","main":"dayjs.min.js"}',
      'node_modules/dayjs/plugin/customParseFormat.js': 'module.exports = 1;',
    });
    const { report } = await buildPlugin({ entry });

    expect(report.warnings).toEqual([
      {
        message: expect.stringMatching(
          /^dayjs\/plugin\/customParseFormat asks for the time .*: let the server grant the time/,
        ),
        file: 'node_modules/dayjs/plugin/customParseFormat.js',
      },
    ]);
  });
});
