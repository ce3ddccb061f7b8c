// What a reload costs if the store has much.

import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';

import { accepting, closeAll, makeRuntime, resultFor, SetFolder, sha256 } from '../set-folder';

afterEach(closeAll);

/** How many requests to the file system a task makes. */
async function requestsOf(task: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const hook = createHook({ init: (_, type) => void (count += type === 'FSREQPROMISE' ? 1 : 0) }).enable();
  try {
    await task();
    return count;
  } finally {
    hook.disable();
  }
}

test('a reload asks the file system no more often because the store has a thousand modules and manifests', async () => {
  const folder = new SetFolder();
  for (let number = 0; number < 1_000; number += 1) {
    folder.write(`.hookcell/modules/${sha256(Buffer.from(`${number}`))}.wasm`, `${number}`);
  }
  for (let number = 0; number < 150; number += 1) {
    folder.write(`.hookcell/manifests/${sha256(Buffer.from(`${number}`))}.json`, `${number}`);
  }
  folder.list(folder.plugin('one', accepting({ version: 0 })));
  const set = await folder.open(makeRuntime());

  folder.list(folder.plugin('one', accepting({ version: 1 })));
  const requests = await requestsOf(() => set.reload());

  expect(await resultFor(set)).toEqual({ version: 1 });
  expect(requests).toBeGreaterThan(10);
  expect(requests).toBeLessThan(100);
});

test('manifests that are not in use are removed, the oldest first, when there are too many', async () => {
  const folder = new SetFolder();
  for (let number = 0; number < 250; number += 1) {
    folder.write(`.hookcell/manifests/${sha256(Buffer.from(`${number}`))}.json`, `${number}`);
  }
  folder.list(folder.plugin('one', accepting({ version: 1 })));
  const set = await folder.open(makeRuntime());

  const { sha256: current } = set.status().manifest;
  const kept = readdirSync(folder.file('.hookcell', 'manifests'));
  expect(kept).toContain(`${current}.json`);
  expect(kept.length).toBeLessThanOrEqual(101);
});

test('the modules in the store are counted right after some were removed and others came from another process', async () => {
  const folder = new SetFolder();
  const runtime = makeRuntime();
  folder.list(folder.plugin('one', accepting({ version: 0 })));
  const options = { maxStoreBytes: 65_536, keepVersions: 0 };
  const set = await folder.open(runtime, options);
  const modules = folder.file('.hookcell', 'modules');

  for (let round = 1; round <= 3; round += 1) {
    const foreign = Buffer.alloc(40_000, round);
    folder.write(`.hookcell/modules/${sha256(foreign)}.wasm`, foreign);
    const entry = folder.plugin('one', accepting({ version: round, text: 'x'.repeat(20_000) }));
    folder.list(entry);
    await set.reload();
    expect(readdirSync(modules)).toContain(`${entry['sha256'] as string}.wasm`);
  }

  // At most one of the foreign ones still has room.
  expect(readdirSync(modules).length).toBeLessThanOrEqual(3);
});
