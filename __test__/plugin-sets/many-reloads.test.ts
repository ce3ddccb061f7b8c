// Requests go on while a set is reloaded again and again. HOOKCELL_RELOADS=2000 runs all of it, which takes some minutes.

import { readdirSync } from 'node:fs';

import type { PluginSet } from 'hookcell/plugins';

import { closeAll, makeRuntime, SetFolder } from './set-folder';

afterEach(closeAll);

const RELOADS = Number(process.env['HOOKCELL_RELOADS'] ?? 40);
/** After these, what a reload needs once is there. */
const FIRST = 20;
const CALLS_AT_ONCE = 4;

/** The versions that a call may be answered by: those that were in place between its beginning and its end. */
class Timeline {
  least = 0;
  most = 0;
  answered = 0;
  readonly wrong: string[] = [];

  async call(set: PluginSet, id: number): Promise<void> {
    const { least } = this;
    try {
      const { ok, ctx } = await set.callChain<{ id: number }, { version: number }>('before_hook', { input: { id } });
      const version = ctx.data?.version ?? -1;
      if (!ok || version < least || version > this.most || ctx.input.id !== id) {
        this.wrong.push(`call ${id}: version ${version} of ${least} to ${this.most}, and input ${ctx.input.id}`);
      }
      this.answered += 1;
    } catch (error) {
      this.wrong.push(`call ${id}: ${(error as Error).message}`);
    }
  }
}

/** Calls without a break until told to stop. */
function keepCalling(set: PluginSet, timeline: Timeline): () => Promise<void> {
  const over = new AbortController();
  let id = 0;
  const callers = Array.from({ length: CALLS_AT_ONCE }, async () => {
    while (!over.signal.aborted) {
      await timeline.call(set, (id += 1));
    }
  });
  return async () => {
    over.abort();
    await Promise.all(callers);
  };
}

const descriptors = () => readdirSync('/proc/self/fd').length;

test.each<[string, (folder: SetFolder, version: number) => void]>([
  ['modules', (folder, version) => folder.list(folder.plugin('one', { ok: true, ctx: { data: { version } } }))],
  [
    'limits and configurations of one module',
    (folder, version) => {
      const entry = folder.plugin('one', { ok: true, ctx: { data: { version: 0 } } });
      folder.list({ ...entry, config: { version }, limits: { maxFuel: 1_000_000 + version } });
    },
  ],
])(
  `no request is lost or mixed while ${RELOADS} other %s are swapped in, and memory and descriptors stay flat`,
  async (what, list) => {
    const folder = new SetFolder();
    list(folder, 0);
    const runtime = makeRuntime();
    const set = await folder.open(runtime, { keepVersions: 2 });
    const timeline = new Timeline();
    const stop = keepCalling(set, timeline);
    let before = { memory: 0, open: 0 };

    for (let version = 1; version <= FIRST + RELOADS; version += 1) {
      timeline.most = what === 'modules' ? version : 0;
      list(folder, version);
      const { changes, refused } = await set.reload();
      timeline.least = what === 'modules' ? version : 0;
      expect(refused).toEqual([]);
      expect(changes).toHaveLength(1);
      if (version === FIRST) {
        before = { memory: process.memoryUsage().rss, open: descriptors() };
      }
    }
    await stop();

    expect(timeline.wrong).toEqual([]);
    expect(timeline.answered).toBeGreaterThan(RELOADS);
    expect(runtime.plugins()).toHaveLength(3);
    expect(descriptors()).toBeLessThan(before.open + 10);
    expect(process.memoryUsage().rss - before.memory).toBeLessThan(100 * 1_024 * 1_024);
  },
  60_000 + 500 * RELOADS,
);
