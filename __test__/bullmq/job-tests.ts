// What a job of hooks does, whatever server has the queue: what is added, how each outcome ends, and what comes from a source.

import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { enqueueAfter } from 'hookcell/bullmq';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { soon, until } from '../support/clock';
import { useMachines } from './machines';
import type { QueueServer } from './machines';

const rich = pluginAnswering({ ok: true, ctx: { data: { rich: true } } });
const order = (key: string, more: object = {}) => ({ key, context: { input: { a: 1 }, data: { id: 7 }, ...more } });

const step = { plugin: { name: 'enrich', sha256: '0'.repeat(64) } };

/** Runs these tests against a server of queues. */
export function testJobs(queues: QueueServer): void {
  const { server, queue, hooks, work, machine } = useMachines(queues);

  test('calls the plugin that was loaded when it was added, and its result is applied', async () => {
    const { sha256 } = await server.runtime.loadPluginBytes('enrich', rich);
    const { outcomes, dead } = work();

    const [added] = await enqueueAfter(hooks({ after: 'enrich' }), order('order-7', { tenant_id: 'acme' }));
    await until(() => outcomes.length === 1);

    expect(added).toEqual({
      id: expect.stringMatching(/^hook-/),
      plugin: 'enrich',
      duplicate: false,
      sameContext: true,
    });
    expect(outcomes).toMatchObject([
      {
        id: added?.id,
        key: 'order-7',
        plugin: { name: 'enrich', sha256 },
        hook: 'after_hook',
        context: { input: { a: 1 }, data: { id: 7 }, tenant_id: 'acme' },
        result: { ok: true, ctx: { data: { rich: true } } },
        earlierStarts: 0,
      },
    ]);
    expect(dead).toEqual([]);
  });

  test('is made for each plugin, as a function chooses it, and each sees the data as it was', async () => {
    await server.runtime.loadPluginBytes('enrich', rich);
    await server.runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
    const { outcomes } = work();
    const after = [
      'enrich',
      { plugin: ({ tenant_id }: { tenant_id: string | null }) => (tenant_id === 'acme' ? 'yes' : undefined) },
    ];

    await enqueueAfter(hooks({ after }), order('a', { tenant_id: 'acme' }));
    await enqueueAfter(hooks({ after }), order('b'));
    await until(() => outcomes.length === 3);

    const results = outcomes.map(({ key, plugin, result }) => [key, plugin.name, result.ok && result.ctx.data]);
    expect(results.toSorted()).toEqual([
      ['a', 'enrich', { rich: true }],
      ['a', 'yes', { id: 7 }],
      ['b', 'enrich', { rich: true }],
    ]);
  });

  test('is added once for a key, and says if it was there, and with what', async () => {
    await server.runtime.loadPluginBytes('enrich', rich);
    const { outcomes } = work();
    const after = hooks({ after: 'enrich' });
    await enqueueAfter(after, order('order-7'));
    await until(() => outcomes.length === 1);

    const [same] = await enqueueAfter(after, order('order-7'));
    const [other] = await enqueueAfter(after, order('order-7', { data: { id: 8 } }));
    await enqueueAfter(after, order('order-8'));
    await until(() => outcomes.length === 2);

    expect(same).toMatchObject({ duplicate: true, sameContext: true });
    expect(other).toMatchObject({ duplicate: true, sameContext: false });
    expect(outcomes.map(({ key }) => key)).toEqual(['order-7', 'order-8']);
  });

  test('whose plugin rejects is applied as a rejection, and never tried again', async () => {
    await server.runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today', details: [1] }));
    const { worker, outcomes, dead } = work();
    const completed = jest.fn();
    worker.worker.on('completed', completed);

    await enqueueAfter(hooks({ after: 'no' }), order('order-7'));
    await until(() => completed.mock.calls.length === 1);

    expect(outcomes).toMatchObject([{ result: { ok: false, error: 'not today', details: [1] } }]);
    expect(dead).toEqual([]);
  });

  test('whose plugin faults is dead at once, with a file that the command replays, and no result is applied', async () => {
    const { sha256 } = await server.runtime.loadPluginBytes('crash', pluginFailing());
    const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-dead-'));
    const { outcomes, dead } = work({ deadLetterDir: folder });

    await enqueueAfter(hooks({ after: { plugin: 'crash', timeoutMs: 500 } }), order('order-7'));
    await until(() => dead.length === 1);

    expect(outcomes).toEqual([]);
    expect(dead).toMatchObject([{ key: 'order-7', why: 'faulted', message: expect.stringMatching(/^ERR_TRAP: /) }]);
    const [file = ''] = readdirSync(folder);
    expect(JSON.parse(readFileSync(path.join(folder, file), 'utf8'))).toMatchObject({
      name: 'order-7',
      hook: 'after_hook',
      plugin: sha256,
      context: { input: { a: 1 }, data: { id: 7 } },
      limits: { timeoutMs: 500 },
      recorded: { plugin: 'crash', why: 'faulted' },
    });
    const failed = queue();
    // It is told before it is in the queue.
    while ((await failed.getFailedCount()) === 0) {
      await soon();
    }
    rmSync(folder, { recursive: true });
  });

  test('whose plugin is still running at its deadline is tried as often as the option says, or as a function decides', async () => {
    await server.runtime.loadPluginBytes('loop', pluginFailing('loop'), { maxFuel: Number.MAX_SAFE_INTEGER });
    const asked: number[] = [];
    const onFault = (_: unknown, { earlierStarts }: { earlierStarts: number }) => {
      asked.push(earlierStarts);
      return 'retry' as const;
    };
    const { dead } = work({ onFault });

    await enqueueAfter(hooks({ after: { plugin: 'loop', timeoutMs: 10 }, attempts: 3 }), order('order-7'));
    await until(() => dead.length === 1);

    expect(dead).toMatchObject([{ why: 'faulted', message: expect.stringMatching(/^ERR_TIMEOUT: /) }]);
    expect(asked).toEqual([0, 1, 2]);
  });

  test('whose result cannot be applied is tried again, with the same key and the same result', async () => {
    await server.runtime.loadPluginBytes('enrich', rich);
    const seen: unknown[] = [];
    const { dead } = work({
      onResult({ key, result, earlierStarts }) {
        seen.push([key, result.ok, earlierStarts]);
        if (earlierStarts < 2) {
          throw new Error('the database is down');
        }
      },
    });

    await enqueueAfter(hooks({ after: 'enrich', attempts: 3 }), order('order-7'));
    await until(() => seen.length === 3);

    expect(seen).toEqual([0, 1, 2].map((starts) => ['order-7', true, starts]));
    expect(dead).toEqual([]);
  });

  test('whose result can never be applied is dead after its attempts', async () => {
    await server.runtime.loadPluginBytes('enrich', rich);
    const { dead } = work({ onResult: () => Promise.reject(new Error('the database is down')) });

    await enqueueAfter(hooks({ after: 'enrich', attempts: 2 }), order('order-7'));
    await until(() => dead.length === 1);

    expect(dead).toMatchObject([{ why: 'not-applied', message: 'onResult threw: the database is down' }]);
  });

  test('waits while the source has no module or another one, and runs when it has the right one', async () => {
    const { sha256 } = await server.runtime.loadPluginBytes('enrich', rich);
    const answers: (() => Uint8Array)[] = [
      () => {
        throw new Error('the bucket is down');
      },
      () => pluginAnswering({ ok: true }),
      () => rich,
    ];
    const source = jest.fn(() => (answers.length > 1 ? answers.shift() : answers[0])?.() ?? rich);
    const { outcomes, dead, lines } = work({ source }, machine());

    await enqueueAfter(hooks({ after: 'enrich', sourceOf: ({ key }) => `s3://plugins/${key}.wasm` }), order('order-7'));
    await until(() => outcomes.length === 1);

    expect(outcomes).toMatchObject([{ result: { ok: true, ctx: { data: { rich: true } } }, plugin: { sha256 } }]);
    expect(source).toHaveBeenCalledTimes(3);
    expect(source).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'enrich', sha256, source: 's3://plugins/enrich.wasm', mode: 'enforce' }),
      { signal: expect.any(AbortSignal), maxBytes: 67_108_864 },
    );
    expect(lines).toEqual([
      expect.stringMatching(/waits \d+ ms: the source gave no module for 'enrich': the bucket is down$/),
      expect.stringMatching(/waits \d+ ms: the source gave a module for 'enrich' whose SHA-256 is \w{64}, not \w{64}$/),
    ]);
    expect(dead).toEqual([]);
  });

  test('is refused for good after maxWaitMs, or if its module is no plugin', async () => {
    const bytes = pluginAnswering({ ok: true, ctx: { data: { other: true } } });
    await server.runtime.loadPluginBytes('enrich', bytes);
    const { dead } = work({ maxWaitMs: 1 }, machine());

    await enqueueAfter(hooks({ after: 'enrich' }), order('order-7'));
    await until(() => dead.length === 1);

    expect(dead).toMatchObject([
      { why: 'refused', message: expect.stringMatching(/^for longer than maxWaitMs \(1\): /) },
    ]);
  });

  test('waits while the host is busy, and is no attempt then', async () => {
    const busy = machine();
    await server.runtime.loadPluginBytes('enrich', rich);
    await busy.close();
    const { lines, dead, worker } = work({ source: () => rich, isolate: false }, busy);

    await enqueueAfter(hooks({ after: 'enrich', attempts: 1 }), order('order-7'));
    await until(() => lines.length >= 2);
    await worker.close();
    const { outcomes } = work();
    await until(() => outcomes.length === 1);

    expect(lines[0]).toMatch(/waits \d+ ms: /);
    expect(dead).toEqual([]);
  });

  test.each<[string, object]>([
    ['of another shape', { format: 1, plugin: 'x' }],
    ['whose context is more than JSON', { context: '{"input":{}},"plugin":"x"' }],
    ['whose context is no object', { context: '[]' }],
    ['without a plugin', { steps: [] }],
    ['with two plugins', { steps: [step, step] }],
    ['with a digest that is none', { steps: [{ plugin: { name: 'enrich', sha256: '../x' } }] }],
  ])('%s that hookcell did not write is dead, and does not reach a plugin', async (_, wrong) => {
    const { sha256 } = await server.runtime.loadPluginBytes('enrich', rich);
    const { worker, outcomes, dead } = work();
    const failed = jest.fn();
    worker.worker.on('failed', failed);
    const steps = [{ plugin: { name: 'enrich', sha256 } }];
    const about = { key: 'a', hook: 'after_hook', context: '{"input":{}}', tenant: null, nonce: 'x' };

    await queue().add('after_hook', { format: 2, stage: 'after', ...about, steps, ...wrong });
    await until(() => failed.mock.calls.length === 1);

    expect(outcomes).toEqual([]);
    expect(dead).toEqual([]);
    expect(failed.mock.calls[0]?.[1]).toMatchObject({ message: "it is none of hookcell's, or of a later version" });
  });

  test.each<[string, object, RegExp]>([
    ['a plugin that is not loaded', { key: 'a', context: { input: {} } }, /"nowhere", which is not loaded/],
    ['no key', { key: '', context: { input: {} } }, /key must be a string of 1 to 256 characters/],
    ['a context of another spelling', { key: 'a', context: { input: {}, tenantId: 'acme' } }, /the key is 'tenant_id'/],
    [
      'a large context',
      { key: 'a', context: { input: { text: 'x'.repeat(100) } } },
      /a job 99 at most \(maxJobBytes\)/,
    ],
  ])('is not added with %s', async (_, job, message) => {
    await expect(enqueueAfter(hooks({ after: 'nowhere', maxJobBytes: 99 }), job as never)).rejects.toThrow(message);
  });

  test('is not made of a function of the server, which it could not carry', () => {
    expect(() => hooks({ after: [() => undefined] })).toThrow(
      'after[0] must be a plugin or a plugin set: a job cannot carry a function',
    );
  });
}
