// The example, in a folder outside of the repository, with the packages that it asks for.

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

jest.setTimeout(180_000);

const root = path.resolve(__dirname, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hookcell-example-'));
  cpSync(__dirname, folder, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  return await new Promise<{ code: unknown; output: string; complaints: string }>((resolve) => {
    execFile(process.execPath, ['main.mjs', ...args], { cwd: folder }, (error, output, complaints) => {
      resolve({ code: error === null ? 0 : error.code, output, complaints });
    });
  });
}

test('two servers lose no order while versions change, are refused and rolled back, and a worker runs the jobs', async () => {
  const { code, output, complaints } = await run();

  expect({ code, complaints, failed: /^FAILED.*/m.exec(output)?.[0] }).toEqual({
    code: 0,
    complaints: '',
    failed: undefined,
  });
  expect(output).toMatch(/^ok \d+ orders, 0 lost or wrong/m);
  expect(output).toMatch(/^ok both servers have swapped it in, and acme has 20 % on \d+ orders$/m);
  expect(output).toMatch(/both servers say: ERR_CONFIG: .*percent must be a whole number/);
  // Without Redis it says so.
  expect(output).toMatch(
    /^ok 50 orders of members .* through Redis$|SKIPPED the hook as a job: there is no redis-server/m,
  );
  expect(output).toMatch(/^Nothing was lost\.$/m);
});

test('without Redis, it says what it skips, and does everything else', async () => {
  const { code, output } = await run('--without-redis');

  expect(code).toBe(0);
  expect(output).toMatch(/SKIPPED the hook as a job: it is turned off/);
  expect(output).toMatch(/^ok the metrics have \d+ accepted calls, one for each order$/m);
});

test('the plugin in Rust is that of the cookbook', () => {
  const [own, cookbook] = ['examples/cluster/plugins/normalize.wasm', 'examples/cookbook/normalize/hook.wasm'].map(
    (file) => readFileSync(path.join(root, file)),
  );

  expect(own).toEqual(cookbook);
});

test('it asks for every package that it imports', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(__dirname, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const sources = readdirSync(__dirname).filter((file) => file.endsWith('.mjs'));
  const imported = sources.flatMap((file) =>
    [...readFileSync(path.join(__dirname, file), 'utf8').matchAll(/(?:from |import\()'([^'.][^']*)'/g)].map(
      ([, name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name,
    ),
  );
  const packages = new Set(imported.filter((name) => !name.startsWith('node:')));

  expect(packages).toContain('bullmq');
  expect([...packages].filter((name) => !(name in dependencies))).toEqual([]);
});
