// The engine beside V8, briefly. `npm run compare` takes longer.

import { spawn } from 'node:child_process';
import path from 'node:path';

test('random expressions have the same value in the engine, frozen and not, and in V8, but for the known differences', async () => {
  const root = path.join(__dirname, '../..');
  const child = spawn(process.execPath, ['pdk/javascript/compare/main.mjs', '--brief'], { cwd: root });
  let output = '';
  const read = (text: string) => (output += text);
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, output]).toEqual([0, expect.stringContaining('10 passed, 0 failed')]);
}, 120_000);
