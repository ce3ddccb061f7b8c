import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { RecordOptions, SandboxConfig } from 'hookcell';

import { fixture } from '../support/wat';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

let last = 0;
const newDir = () => path.join(folder, String((last += 1)));

/** A runtime that records into a new directory, with a plugin that traps and one that accepts. */
async function recording(record: Partial<RecordOptions> = {}, config: SandboxConfig = {}) {
  const dir = newDir();
  const runtime = new WasmRuntime({ logger: false, ...config, record: { dir, ...record } });
  const crash = await runtime.loadPluginBytes('crash', await fixture('crash'), {
    isolate: false,
    maxResultBytes: 5_000,
  });
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  return { dir, runtime, crash };
}

const filesOf = (dir: string) => (existsSync(dir) ? readdirSync(dir).toSorted() : []);
const recordings = (dir: string) =>
  filesOf(dir).map((name) => JSON.parse(readFileSync(path.join(dir, name), 'utf8')) as Record<string, any>);

test('a call that faults is recorded with its context, outcome, digest and limits', async () => {
  const { dir, runtime, crash } = await recording({}, { timeoutMs: 500 });
  const input = { id: 7, name: 'Zoë' };
  const result = await runtime.callHook('crash', 'before_hook', { input, tenant_id: 't' }, { maxFuel: 1_234 });
  input.name = 'changed later';
  await runtime.callHook('pass', 'before_hook', { input });
  await runtime.close();
  expect(recordings(dir)).toEqual([
    {
      hook: 'before_hook',
      context: { input: { id: 7, name: 'Zoë' }, data: null, user: null, headers: {}, tenant_id: 't' },
      expected: { ok: false, fault: result.fault },
      limits: { timeoutMs: 500, maxResultBytes: 5_000, maxFuel: 1_234 },
      plugin: crash.sha256,
      recorded: { at: expect.any(String), plugin: 'crash', why: 'fault' },
    },
  ]);
});

test('a context is recorded as the plugin got it, even if the server changes it before the call ends', async () => {
  const { dir, runtime } = await recording();
  const input = { name: 'before' };
  const call = runtime.callHook('crash', 'before_hook', { input });
  input.name = 'after';
  await call;
  await runtime.close();
  expect(recordings(dir)[0]).toMatchObject({ context: { input: { name: 'before' } } });
});

test('with all, every call is recorded, with what the plugin changed', async () => {
  const { dir, runtime } = await recording({ when: 'all' });
  await runtime.loadPluginBytes('modifier', await fixture('modifier'), { isolate: false });
  const result = await runtime.callHook('modifier', 'before_hook', { input: { email: 'A@b.c' } });
  await runtime.callHook('pass', 'before_hook', { input: {} });
  runtime.callHookSync('crash', 'before_hook', { input: {} });
  await runtime.close();
  const [modified, passed, crashed] = recordings(dir);
  expect(modified).toMatchObject({ expected: { ok: true, ctx: { input: result.ok && result.ctx.input } } });
  expect(modified?.['expected'].ctx).not.toHaveProperty('data');
  expect(passed).toMatchObject({ expected: { ok: true }, recorded: { why: 'sample' } });
  expect(crashed).toMatchObject({ expected: { ok: false }, recorded: { why: 'fault' } });
});

test('a share of 0 records faults only', async () => {
  const { dir, runtime } = await recording({ when: 0 });
  await runtime.callHook('pass', 'before_hook', { input: {} });
  await runtime.callHook('crash', 'before_hook', { input: {} });
  await runtime.close();
  expect(recordings(dir)).toMatchObject([{ recorded: { plugin: 'crash' } }]);
});

test('of a chain, the plugin that faults is recorded, with the context that it got', async () => {
  const { dir, runtime, crash } = await recording();
  await runtime.loadPluginBytes('modifier', await fixture('modifier'), { isolate: false });
  const result = await runtime.callChain(['modifier', { plugin: 'crash', maxFuel: 9_999 }], 'before_hook', {
    input: { email: 'A@b.c' },
  });
  await runtime.close();
  expect(recordings(dir)).toMatchObject([
    { context: { input: result.ctx.input }, plugin: crash.sha256, limits: { maxFuel: 9_999 } },
  ]);
});

test('redact decides what is in a file, and its failure costs the recording only', async () => {
  const warnings: string[] = [];
  const redact = jest.fn(({ input, ...rest }: any) => {
    if (input.kind === 'throw') {
      throw new Error('redact failed');
    }
    return input.kind === 'skip' ? undefined : { ...rest, input: { ...input, secret: '***' } };
  });
  const { dir, runtime } = await recording({ redact }, { logger: { warn: (line) => void warnings.push(line) } });
  for (const kind of ['keep', 'throw', 'skip', 'throw']) {
    const context = { input: { kind, secret: 'hunter2' } };
    expect((await runtime.callHook('crash', 'before_hook', context)).fault?.code).toBe('ERR_TRAP');
    expect(context.input.secret).toBe('hunter2');
  }
  await runtime.close();
  expect(recordings(dir)).toMatchObject([{ context: { input: { kind: 'keep', secret: '***' } } }]);
  expect(readFileSync(path.join(dir, filesOf(dir)[0] ?? ''), 'utf8')).not.toContain('hunter2');
  expect(warnings.filter((line) => line.includes('redact failed'))).toHaveLength(1);
});

test('the newest recordings replace the oldest, by number and by bytes, and other files stay', async () => {
  const few = await recording({ maxFiles: 3 });
  for (let index = 0; index < 8; index += 1) {
    await few.runtime.callHook('crash', 'before_hook', { input: { index } });
  }
  await few.runtime.close();
  expect(recordings(few.dir).map(({ context }) => context.input.index)).toEqual([5, 6, 7]);

  writeFileSync(path.join(few.dir, 'mine.json'), '{}');
  const runtime = new WasmRuntime({ logger: false, record: { dir: few.dir, maxBytes: 4_096 } });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
  for (let index = 0; index < 3; index += 1) {
    await runtime.callHook('crash', 'before_hook', { input: { index, filler: 'x'.repeat(1_100) } });
  }
  await runtime.callHook('crash', 'before_hook', { input: { filler: 'x'.repeat(5_000) } });
  await runtime.close();
  const names = filesOf(few.dir).filter((name) => name !== 'mine.json');
  const sizes = names.map((name) => statSync(path.join(few.dir, name)).size);
  expect(names).toHaveLength(2);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4_096);
  expect(existsSync(path.join(few.dir, 'mine.json'))).toBe(true);
});

test('a flood of faults is recorded in part, and every call still resolves', async () => {
  const { dir, runtime } = await recording();
  const calls = Array.from({ length: 300 }, (_, index) =>
    runtime.callHook('crash', 'before_hook', { input: { index } }),
  );
  const results = await Promise.all(calls);
  expect(results.every(({ fault }) => fault?.code === 'ERR_TRAP')).toBe(true);
  await runtime.close();
  const { length } = filesOf(dir);
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(100);
});

test('recordings are for their user only', async () => {
  const { dir, runtime } = await recording();
  await runtime.callHook('crash', 'before_hook', { input: {} });
  await runtime.close();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(dir, filesOf(dir)[0] ?? '')).mode & 0o777).toBe(0o600);
});

test('a directory that cannot be written to costs the recording and one line of the log, never a call', async () => {
  const warnings: string[] = [];
  const file = path.join(folder, 'a-file');
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  const logger = { warn: (line: string) => void warnings.push(line) };
  const runtime = new WasmRuntime({ logger, record: { dir: path.join(file, 'below') } });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
  for (let index = 0; index < 3; index += 1) {
    expect((await runtime.callHook('crash', 'before_hook', { input: {} })).fault?.code).toBe('ERR_TRAP');
  }
  await runtime.close();
  expect(warnings.filter((line) => line.includes('cannot be recorded'))).toHaveLength(1);
});

test('an invalid record option is an error that names it', () => {
  const make = (record: unknown) => () => new WasmRuntime({ record } as SandboxConfig);
  expect(make(true)).toThrow(new TypeError('record must be an object, got a boolean'));
  expect(make({ dir: '' })).toThrow(/^record\.dir must be a path/);
  expect(make({ dir: 'x', whne: 'all' })).toThrow(/^unknown option 'record\.whne'/);
  expect(make({ dir: 'x', when: 'rejection' })).toThrow(/^record\.when must be 'fault', 'all' or a number from 0 to 1/);
  expect(make({ dir: 'x', when: 1.5 })).toThrow(RangeError);
  expect(make({ dir: 'x', when: Number.NaN })).toThrow(RangeError);
  expect(make({ dir: 'x', redact: 'headers' })).toThrow(/^record\.redact must be a function/);
  expect(make({ dir: 'x', maxFiles: 0 })).toThrow(/^record\.maxFiles must be a whole number from 1 to 10000/);
  expect(make({ dir: 'x', maxBytes: 1 })).toThrow(/^record\.maxBytes must be a whole number/);
});
