import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const COMMAND = path.join(__dirname, '../dist/main.js');
const home = mkdtempSync(path.join(tmpdir(), 'hookcell-create-'));

afterAll(() => rmSync(home, { recursive: true }));

function create(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [COMMAND, ...args], { cwd: home, encoding: 'utf8' });
}

test('it makes a plugin, as init does', () => {
  expect(create('my-plugin', '--lang', 'rust')).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(path.join(home, 'my-plugin'))).toEqual(expect.arrayContaining(['Cargo.toml', 'fixtures', 'src']));
});

test('it exits as init does', () => {
  expect(create('--lang', 'cobol').status).toBe(2);
  const asks = create('other');
  expect(asks.status).toBe(2);
  expect(asks.stderr).toContain('--lang must say the language: typescript');
  expect(readdirSync(home)).not.toContain('other');
});
