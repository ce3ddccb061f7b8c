// Five seconds of `npm run soak`: a server under mixed load, with every response checked against its request.

import { execFile } from 'node:child_process';
import path from 'node:path';

const MAIN = path.join(__dirname, '../../soak/main.mjs');

/** It takes about ten seconds, and longer to report missing responses. */
jest.setTimeout(600_000);

let report: string;

beforeAll(async () => {
  const ended = await new Promise<{ failure: string | undefined; complaints: string }>((resolve) => {
    execFile(process.execPath, [MAIN, '--seconds', '5', '--seed', '1'], (error, stdout, stderr) => {
      report = stdout;
      resolve({ failure: error?.message, complaints: stderr });
    });
  });
  expect(ended).toEqual({ failure: undefined, complaints: '' });
});

/** The number in a row of the report. */
function figure(name: string): number {
  const row = new RegExp(`^${name} +([\\d,]+)$`, 'm').exec(report);
  return Number(row?.[1]?.replaceAll(',', '') ?? Number.NaN);
}

test.each(['requests lost', 'calls lost', 'answers mixed up', 'unexpected outcomes', 'usage that cannot be'])(
  'a server under mixed load has no %s',
  (name) => {
    expect(figure(name)).toBe(0);
  },
);

test('no call is stopped before its deadline', () => {
  expect(figure('stopped before the deadline')).toBe(0);
});

test('the server process ends when the server is closed', () => {
  expect(report).toMatch(/^The server ended with exit code 0\.$/m);
});

test('the load contains every kind of request', () => {
  const outcomes = `ok rejected aborted ERR_TRAP ERR_FUEL ERR_TIMEOUT ERR_MEMORY ERR_STACK ERR_ABI ERR_RESULT
    ERR_QUEUE_FULL ERR_CLOSED ERR_NOT_LOADED ERR_NO_HOOK ERR_CONTEXT ERR_LIMIT
    loaded ERR_COMPILE ERR_IMPORT ERR_DIGEST`.split(/\s+/);

  expect(outcomes.filter((outcome) => !(figure(outcome) > 0))).toEqual([]);
});
