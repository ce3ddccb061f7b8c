// What a user without the optional peers sees, in a Node.js without Jest and in a folder without the peers.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '../..');

let home: string;

beforeAll(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'hookcell-peers-')));
  const installed = path.join(home, 'node_modules', 'hookcell');
  mkdirSync(installed, { recursive: true });
  for (const name of ['dist', 'index.js', 'index.mjs', 'package.json']) {
    cpSync(path.join(ROOT, name), path.join(installed, name), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'native'), path.join(installed, 'native'), 'junction');
});

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

async function run(type: 'commonjs' | 'module', source: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, '--eval', source], {
    cwd: home,
  });
  return stdout.trim();
}

const needy = [
  ['bullmq', 'bullmq'],
  ['hono', 'hono'],
  ['nest', '@nestjs/common'],
  ['otel', '@opentelemetry/api'],
  ['prometheus', 'prom-client'],
] as const;

test.each(needy)('an import of hookcell/%s without its peer can be caught, and names %s', async (entry, peer) => {
  // An error that is thrown a second time would end the process after the catch.
  const source = `
    await import('hookcell/${entry}').catch((error) => console.log(error.message));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));`;

  expect(await run('module', source)).toContain(`Cannot find package '${peer}'`);
});

test.each(needy)('a require of hookcell/%s without its peer names %s', async (entry, peer) => {
  const source = `try { require('hookcell/${entry}'); } catch (error) { console.log(error.message); }`;

  expect(await run('commonjs', source)).toContain(`Cannot find module '${peer}`);
});

test.each(['', '/builder', '/express', '/fastify', '/hooks', '/koa', '/plugins', '/status', '/testing'])(
  'hookcell%s needs no peer',
  async (entry) => {
    expect(await run('module', `await import('hookcell${entry}'); console.log('imported');`)).toBe('imported');
    expect(await run('commonjs', `require('hookcell${entry}'); console.log('required');`)).toBe('required');
  },
);
