// The lock that processes of one store take to write its state.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { withLock } from '../../../dist/plugins/store/file-lock';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-lock-'));
const file = path.join(folder, 'state.json.lock');

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(file, { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a lock is there while its work runs, one after the other, and gone after it, also if the work fails', async () => {
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(existsSync(file)).toBe(true);
    events.push(`${name} ends`);
  };

  await Promise.all([withLock(file, work('a')), withLock(file, work('b'))]);
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

  expect(events.filter((_, index) => index % 2 === 0).map((event) => event.replace('begins', 'ends'))).toEqual(
    events.filter((_, index) => index % 2 === 1),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that stood still for long leaves the lock of the one that took over', async () => {
  await withLock(file, () => {
    rmSync(file);
    writeFileSync(file, 'of another process');
    return Promise.resolve();
  });

  expect(readFileSync(file, 'utf8')).toBe('of another process');
});

test('a lock that appears just before an old one is taken away is put back', async () => {
  writeFileSync(file, 'left behind');
  const { rename } = fs;
  jest.spyOn(fs, 'rename').mockImplementationOnce(async (from, to) => {
    rmSync(file);
    writeFileSync(file, 'of another process');
    await rename(from, to);
    setTimeout(() => rmSync(file), 100);
  });
  let found = '';
  const looks = setInterval(() => {
    found ||= existsSync(file) ? readFileSync(file, 'utf8').replace('left behind', '') : '';
  }, 1);

  await withLock(file, () => Promise.resolve());
  clearInterval(looks);

  expect(found).toBe('of another process');
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test('a lock that cannot be taken away is an error, and no endless wait', async () => {
  writeFileSync(file, 'left behind');
  const refused = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  jest.spyOn(fs, 'rename').mockRejectedValueOnce(refused);

  await expect(withLock(file, () => Promise.resolve())).rejects.toBe(refused);
}, 60_000);
