import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { PluginBuilder } from 'hookcell/builder';
import type { BuildOptions } from 'hookcell/builder';

import { makeFolder } from '../loads/folder';
import { reasonOf, refusal } from '../support/refusal';
import { compile, packed } from '../support/wat';

const exports = JSON.stringify({ exports: { alloc: 'alloc', dealloc: 'dealloc', before_hook: 'end' } });

/** An engine whose step `loops` never ends. */
const engine = compile(`(module
  (memory (export "memory") 1)
  (data (i32.const 16) "${exports.replaceAll('"', String.raw`\22`)}")
  (func (export "_initialize"))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
  (func (export "end") (param i32 i32) (result i64) ${packed(16, exports.length)})
  (func (export "loops") (param i32 i32) (result i64) (loop (br 0)) (unreachable)))`);

/** The engine with a custom section, so that it is another module. */
async function distinct(number: number): Promise<Uint8Array> {
  return Buffer.concat([await engine, Buffer.from([0, 2, 1, number])]);
}

const nothing = new Uint8Array();
const end = [{ step: 'end', input: nothing }];
const endless = [{ step: 'loops', input: nothing }];
const hour = { timeoutMs: 3_600_000, maxFuel: Number.MAX_SAFE_INTEGER };

const builders: PluginBuilder[] = [];

async function load(options?: Parameters<typeof PluginBuilder.load>[2]): Promise<PluginBuilder> {
  const builder = await PluginBuilder.load('engine', await engine, options);
  builders.push(builder);
  return builder;
}

/** Builds that never end by themselves. `stop` ends those that are left. */
function endlessBuilds(builder: PluginBuilder) {
  const controller = new AbortController();
  const ends: Promise<unknown>[] = [];
  return {
    begin(options?: BuildOptions) {
      ends.push(reasonOf(builder.run(endless, { ...hour, signal: controller.signal, ...options })));
    },
    stop() {
      controller.abort(new Error('stopped'));
      return Promise.all(ends);
    },
  };
}

afterEach(async () => {
  await Promise.all(builders.splice(0).map((builder) => builder.close({ interrupt: true })));
});

describe('an engine', () => {
  test('comes from `cacheDir` if an earlier load compiled it, under the rules for plugins', async () => {
    const cacheDir = path.join(await makeFolder(), 'code');
    const own = await distinct(1);
    for (const codeFrom of ['compiler', 'cache']) {
      const builder = await PluginBuilder.load('engine', own, { cacheDir });
      expect(builder.codeFrom).toBe(codeFrom);
      expect((await builder.run(end, { makesPlugin: true })).plugin).toBeDefined();
      await builder.close();
    }
    chmodSync(cacheDir, 0o777);
    await refusal(load({ cacheDir }), 'ERR_CACHE_DIR');
  });

  test('is read only when a plugin is built, if `cacheDir` has its code', async () => {
    const cacheDir = path.join(await makeFolder(), 'code');
    const bytes = await distinct(4);
    const read = jest.fn(async () => bytes);
    const file = { sha256: createHash('sha256').update(bytes).digest('hex'), read };
    const first = await PluginBuilder.load('engine', file, { cacheDir });
    expect([first.codeFrom, first.holdsCodeOfPlugins, read.mock.calls.length]).toEqual(['compiler', false, 1]);
    const { plugin } = await first.run(end, { makesPlugin: true });
    await first.close();

    const second = await PluginBuilder.load('engine', file, { cacheDir });
    builders.push(second);
    expect(second.codeFrom).toBe('cache');
    expect((await second.run(end)).answers).toHaveLength(1);
    expect(read).toHaveBeenCalledTimes(1);
    // The first attempt finds no file, and another one gets the wrong module.
    read.mockRejectedValueOnce(new Error('no such file'));
    await expect(second.run(end, { makesPlugin: true })).rejects.toThrow('no such file');
    read.mockResolvedValueOnce(await distinct(5));
    await refusal(second.run(end, { makesPlugin: true }), 'ERR_DIGEST');
    const twice = [1, 2].map(() => second.run(end, { makesPlugin: true }));
    expect((await Promise.all(twice)).map((built) => built.plugin)).toEqual([plugin, plugin]);
    expect(read).toHaveBeenCalledTimes(4);
  });

  test('is refused if it has another SHA-256 than its file should have', async () => {
    const file = { sha256: '0'.repeat(64), read: async () => distinct(6) };
    const error = await refusal(PluginBuilder.load('engine', file), 'ERR_DIGEST');
    expect(error.message).toMatch(/^engine has the SHA-256 [0-9a-f]{64}, not 0{64}$/);
  });

  test('compiles in a child process if asked to', async () => {
    const other = await compile('(module (memory (export "memory") 2) (func (export "_initialize")))');
    await refusal(PluginBuilder.load('engine', other, { isolate: true }), 'ERR_ABI');
    const builder = await PluginBuilder.load('engine', await distinct(2), { isolate: true });
    builders.push(builder);
    expect(builder.codeFrom).toBe('isolate');
    expect((await builder.run(end, { makesPlugin: true })).plugin).toBeInstanceOf(Uint8Array);
  });

  test('holds the module of an engine against limits, as that of a plugin', async () => {
    const error = await refusal(PluginBuilder.load('engine', await distinct(3), { maxModuleBytes: 100 }), 'ERR_LIMIT');
    expect(error).toMatchObject({ limit: 'maxModuleBytes' });
    await expect(PluginBuilder.load('engine', await engine, { maxModules: 1 } as never)).rejects.toThrow(
      /unknown option 'maxModules'/,
    );
  });

  test('is not loaded for a signal that aborted', async () => {
    const reason = new Error('left');
    expect(await reasonOf(load({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test('has options with bounds', async () => {
    const wrong = { maxQueue: -1 };
    expect(await reasonOf(load(wrong))).toEqual(
      new RangeError('maxQueue must be a whole number from 0 to 1000000, got -1'),
    );
    expect(await reasonOf(load({ cacheDirectory: '.' } as object))).toBeInstanceOf(TypeError);
  });
});

describe('a build', () => {
  test('rejects at once with the reason of its signal, and its slot is free for others', async () => {
    const builder = await load();
    const reason = new Error('left');
    for (let round = 0; round < 6; round++) {
      const controller = new AbortController();
      const build = reasonOf(builder.run(endless, { ...hour, signal: controller.signal }));
      // It runs by now, because this one runs beside it.
      await builder.run(end);
      controller.abort(reason);
      expect(await build).toBe(reason);
    }
    // If one of them still ran, there would be no slot.
    await Promise.all([builder.run(end), builder.run(end)]);
  });

  test('of a tenant leaves a slot for another tenant, however many it asks for', async () => {
    const builder = await load();
    const hostile = endlessBuilds(builder);
    for (let i = 0; i < 20; i++) {
      hostile.begin({ tenant: 'hostile' });
    }
    for (let i = 0; i < 5; i++) {
      expect((await builder.run(end, { tenant: 'good', makesPlugin: true })).plugin).toBeDefined();
    }
    const reasons = await hostile.stop();
    expect(new Set(reasons.map(String))).toEqual(new Set(['Error: stopped']));
  });

  test('is refused if too many wait, and if it waits too long', async () => {
    const builder = await load({ maxQueue: 4, maxQueuePerTenant: 1 });
    const builds = endlessBuilds(builder);
    builds.begin();
    builds.begin();
    await refusal(builder.run(end, { queueTimeoutMs: 20 }), 'ERR_QUEUE_TIMEOUT');
    builds.begin({ tenant: 'a' });
    expect(await refusal(builder.run(end, { tenant: 'a' }), 'ERR_QUEUE_FULL')).toMatchObject({
      limit: 'maxQueuePerTenant',
    });
    builds.begin();
    builds.begin();
    builds.begin();
    expect(await refusal(builder.run(end), 'ERR_QUEUE_FULL')).toMatchObject({ limit: 'maxQueue' });
    await builds.stop();
  });

  test('that loops ends at its deadline, which is for all steps together', async () => {
    const builder = await load();
    const { fault } = await builder.run([...end, ...endless], { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 50 });
    expect(fault?.code).toBe('ERR_TIMEOUT');
  });
});

describe('a closed builder', () => {
  test('waits for its builds and then takes no more', async () => {
    const builder = await load();
    const build = builder.run(end, { makesPlugin: true });
    await builder[Symbol.asyncDispose]();
    expect((await build).plugin).toBeDefined();
    await refusal(builder.run(end), 'ERR_CLOSED');
  });

  test('ends its builds if it interrupts', async () => {
    const builder = await load();
    const builds = [1, 2, 3].map(() => refusal(builder.run(endless, hour), 'ERR_CLOSED'));
    await builder.close({ interrupt: true });
    await Promise.all(builds);
  });
});
