// Hooks before an operation as jobs, for work that is too heavy for a request.

import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { enqueueAfter, enqueueBefore } from 'hookcell/bullmq';
import type { BeforeOutcome, HookWorkerOptions } from 'hookcell/bullmq';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { until } from '../support/clock';
import { fixture } from '../support/wat';
import { useMachines } from './machines';
import { useRedis, withRedis } from './servers/redis';

const order = (key: string, more: object = {}) => ({ key, context: { input: { a: 1 }, ...more } });

withRedis('a job of the hooks before an operation', () => {
  const { server, hooks, work } = useMachines(useRedis());

  beforeEach(async () => {
    const { runtime } = server;
    await runtime.loadPluginBytes('email', pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } }));
    await runtime.loadPluginBytes('report', await fixture('report_context'));
    await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today', details: [1] }));
    await runtime.loadPluginBytes('crash', pluginFailing());
  });

  function workBefore(options: Partial<HookWorkerOptions> = {}) {
    const before: BeforeOutcome[] = [];
    return { before, ...work({ onBefore: (outcome) => void before.push(outcome), ...options }) };
  }

  test('runs all of them in order on one context, and its result is that of the last one', async () => {
    const { before, dead } = workBefore();

    const added = await enqueueBefore(hooks({ before: ['email', 'report'] }), order('import-7', { tenant_id: 'acme' }));
    await until(() => before.length === 1);

    expect(added).toEqual({ id: expect.stringMatching(/^hook-/), duplicate: false, sameContext: true });
    expect(before).toMatchObject([
      {
        id: added.id,
        key: 'import-7',
        hook: 'before_hook',
        plugins: [{ name: 'email' }, { name: 'report' }],
        context: { input: { a: 1 }, tenant_id: 'acme' },
        result: {
          ok: true,
          ctx: { input: { seen: { input: { email: 'ada@example.com' }, tenant_id: 'acme' } } },
          steps: [{ plugin: 'email' }, { plugin: 'report' }],
        },
        earlierStarts: 0,
      },
    ]);
    expect(dead).toEqual([]);
  });

  test('is added once for a key, whichever plugins are before the operation then', async () => {
    const { before } = workBefore();
    const first = await enqueueBefore(hooks({ before: 'email' }), order('import-7'));
    await until(() => before.length === 1);

    const again = await enqueueBefore(hooks({ before: ['report', 'email'] }), order('import-7'));

    expect(again).toEqual({ id: first.id, duplicate: true, sameContext: true });
  });

  test('whose plugin rejects tells which one, and those behind it do not run', async () => {
    const { before } = workBefore();

    await enqueueBefore(hooks({ before: ['email', 'no', 'crash'] }), order('import-7'));
    await until(() => before.length === 1);

    expect(before).toMatchObject([
      {
        result: {
          ok: false,
          error: 'not today',
          ctx: { input: { email: 'ada@example.com' } },
          steps: [{ ok: true }, { plugin: 'no', ok: false }],
        },
      },
    ]);
  });

  test('whose plugin faults is dead, with the plugin and the context that it got', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-dead-'));
    const { before, dead } = workBefore({ deadLetterDir: folder });

    await enqueueBefore(hooks({ before: ['email', 'crash'] }), order('import-7'));
    await until(() => dead.length === 1);

    const context = { input: { email: 'ada@example.com' } };
    expect(before).toEqual([]);
    expect(dead).toMatchObject([{ key: 'import-7', why: 'faulted', plugin: { name: 'crash' }, context }]);
    const [file = ''] = readdirSync(folder);
    expect(JSON.parse(readFileSync(path.join(folder, file), 'utf8'))).toMatchObject({
      plugin: dead[0]?.plugin?.sha256,
      context,
    });
    rmSync(folder, { recursive: true });
  });

  test('goes on without a plugin whose policy is open, also if it is the last one', async () => {
    const { before } = workBefore();
    const open = [{ plugin: 'crash', onFault: 'open' as const }, 'email', { plugin: 'no', onReject: 'open' as const }];

    await enqueueBefore(hooks({ before: open }), order('import-7'));
    await until(() => before.length === 1);

    expect(before).toMatchObject([
      {
        result: {
          ok: true,
          ctx: { input: { email: 'ada@example.com' } },
          steps: [{ ok: false }, { ok: true }, { ok: false }],
        },
      },
    ]);
  });

  test('of a caller without plugins gives the input as it is', async () => {
    const { before } = workBefore();

    await enqueueBefore(hooks({ before: { plugin: () => undefined } }), order('import-7'));
    await until(() => before.length === 1);

    expect(before).toMatchObject([{ plugins: [], result: { ok: true, ctx: { input: { a: 1 } }, steps: [] } }]);
  });

  test('whose operation fails is tried again, and is dead after its attempts', async () => {
    const seen: number[] = [];
    const { dead } = work({
      onBefore({ earlierStarts }) {
        seen.push(earlierStarts);
        throw new Error('the database is down');
      },
    });

    await enqueueBefore(hooks({ before: 'email', attempts: 2 }), order('import-7'));
    await until(() => dead.length === 1);

    expect(seen).toEqual([0, 1]);
    expect(dead).toMatchObject([{ why: 'not-applied', message: 'onBefore threw: the database is down' }]);
  });

  test('waits for a worker that does operations', async () => {
    const { lines, worker } = work();
    await enqueueBefore(hooks({ before: 'email' }), order('import-7'));
    await until(() => lines.length > 0);
    await worker.close();

    const { before } = workBefore();
    await until(() => before.length === 1);

    expect(lines[0]).toMatch(/waits \d+ ms: the worker has no onBefore$/);
  });

  test.each<[string, object, RegExp]>([
    [
      'a policy that is a function',
      { plugin: 'no', onReject: () => 'open' },
      /before\[0\]\.onReject must be 'open' or/,
    ],
    ['a configuration', { plugin: 'no', config: { a: 1 } }, /before\[0\]: a job carries no config/],
    ['a time', { plugin: 'no', now: true }, /before\[0\]: a job carries no config, now and seed/],
  ])('is not made with %s, which it could not carry', (_, step, message) => {
    expect(() => hooks({ before: [step as never] })).toThrow(message);
  });

  test('has one hook for all its plugins, and needs hooks of its stage', async () => {
    expect(() => hooks({ before: ['email', { plugin: 'no', hook: 'other' }] })).toThrow(/before\[1\] has another hook/);
    await expect(enqueueBefore(hooks({ after: 'email' }), order('a'))).rejects.toThrow(
      /needs createHookQueue with before/,
    );
    await expect(enqueueAfter(hooks({ before: 'email' }), order('a'))).rejects.toThrow(
      /needs createHookQueue with after/,
    );
    expect(() => hooks({})).toThrow('createHookQueue takes at least one plugin as before or after');
  });
});
