// `import` and `require` load one copy of the package, in a Node.js without Jest.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '../..');

async function run(type: 'commonjs' | 'module', source: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, '--eval', source], {
    cwd: ROOT,
  });
  return JSON.parse(stdout);
}

// Not those of Hono, which is two modules itself.
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { exports: object };
const entries = Object.keys(manifest.exports)
  .filter((entry) => !/\.(json|wasm)$/.test(entry) && entry !== './hono')
  .map((entry) => path.posix.join('hookcell', entry));

test.each(entries)('import and require of %s give the same values', async (name) => {
  const source = `
    import { createRequire } from 'node:module';
    import * as imported from '${name}';
    const required = createRequire(import.meta.url)('${name}');
    const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports');
    console.log(JSON.stringify({
      imported: names(imported).toSorted(),
      required: names(required).toSorted(),
      same: names(required).every((name) => imported[name] === required[name]),
    }));`;

  const { imported, required, same } = (await run('module', source)) as Record<string, unknown>;

  expect(imported).toEqual(required);
  expect(imported).not.toHaveLength(0);
  expect(same).toBe(true);
});

const scenario = `
  const runtime = new WasmRuntime({ logger: false });
  const error = await runtime.callHook('nobody', 'before_hook', { input: {} }).catch((error) => error);
  await runtime.close();
  console.log(JSON.stringify({
    code: error.code,
    isOwn: error instanceof HookcellError,
    isError: error instanceof Error,
    showsCaller: error.stack.includes('[eval'),
  }));`;
const expected = { code: 'ERR_NOT_LOADED', isOwn: true, isError: true, showsCaller: true };

test('a module refuses with a HookcellError', async () => {
  expect(await run('module', `import { HookcellError, WasmRuntime } from 'hookcell'; ${scenario}`)).toEqual(expected);
});

test('a CommonJS script refuses with a HookcellError', async () => {
  const source = `const { HookcellError, WasmRuntime } = require('hookcell'); (async () => { ${scenario} })();`;

  expect(await run('commonjs', source)).toEqual(expected);
});
