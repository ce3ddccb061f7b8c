import express from 'express';
import { wasmHooks } from 'hookcell/express';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';
import { openPlugins } from 'hookcell/plugins';

import { closeServers, serve } from '../support/express';
import { postJson } from '../support/http';
import { refusal } from '../support/refusal';
import { compile } from '../support/wat';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from './set-folder';

afterEach(closeAll);
afterAll(closeServers);

const rejecting = (error: string) => ({ ok: false, error }) as const;

test('plugins run in the order of their numbers, and equal ones in the order of the manifest', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('third', accepting({ last: 'third' }), { order: 7 }),
    folder.plugin('first', accepting({ last: 'first' }), { order: -1 }),
    folder.plugin('fourth', accepting({ last: 'fourth' }), { order: 7 }),
    folder.plugin('second', accepting({ last: 'second' })),
  );
  const set = await folder.open(makeRuntime());

  const { steps } = await set.callChain('before_hook', { input: {} });

  expect(steps.map(({ plugin }) => plugin.split('@')[0])).toEqual(['first', 'second', 'third', 'fourth']);
  expect(await resultFor(set)).toEqual({ last: 'fourth' });
});

test('a tenant gets its own plugins among those for all, and other tenants do not', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('for-all', accepting({ of: 'all' }), { order: 1 }),
    folder.plugin('for-acme', accepting({ of: 'acme' }), { order: 2, tenants: ['acme', 'acme-labs'] }),
    folder.plugin('disabled', rejecting('disabled'), { order: 3, enabled: false }),
  );
  const set = await folder.open(makeRuntime());

  expect(await resultFor(set, 'acme')).toEqual({ of: 'acme' });
  expect(await resultFor(set, 'acme-labs')).toEqual({ of: 'acme' });
  expect(await resultFor(set, 'globex')).toEqual({ of: 'all' });
  expect(await resultFor(set)).toEqual({ of: 'all' });
});

test('a plugin takes part only in the hooks of its entry', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('after', rejecting('after'), { hooks: ['after_hook'] }));
  const set = await folder.open(makeRuntime());

  const before = await set.callChain('before_hook', { input: {} });
  const after = await set.callChain('after_hook', { input: {} });

  expect(before).toMatchObject({ ok: true, steps: [] });
  expect(after).toMatchObject({ ok: false, error: 'after' });
});

test('a plugin that does not export a hook of its entry is refused', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', { ok: true }, { hooks: ['before_hook', 'price_hook'] }));

  const error = await refusal(folder.open(makeRuntime()), 'ERR_NO_HOOK');

  expect(error.message).toContain('price_hook');
});

test('a set takes part in the requests of an adapter, before and after the handler', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('before', accepting({ from: 'plugin' }), { hooks: ['before_hook'] }),
    folder.plugin(
      'after',
      { ok: true, ctx: { data: { changed: true } } },
      { hooks: ['after_hook'], tenants: ['acme'] },
    ),
  );
  const runtime = makeRuntime();
  const set = await folder.open(runtime);
  const seen: unknown[] = [];
  const { url } = await serve(
    express,
    wasmHooks(runtime, {
      before: [set, ({ input }) => void seen.push(input)],
      after: set,
      tenantId: (request: { headers: Record<string, unknown> }) => request.headers['x-tenant'] as string | undefined,
    }),
    (request, response) => void response.json({ body: request.body }),
  );

  expect((await postJson(url, {}, { 'x-tenant': 'acme' })).body).toEqual({ changed: true });
  expect((await postJson(url, {})).body).toEqual({ body: { from: 'plugin' } });
  expect(seen).toEqual([{ from: 'plugin' }, { from: 'plugin' }]);
});

test('a plugin that rejects or faults ends the request, unless its entry says open', async () => {
  const folder = new SetFolder();
  const runtime = makeRuntime();
  const failing = pluginFailing();
  const open = folder.module('open', failing, { onFault: 'open' });
  folder.list(
    open,
    folder.plugin('on-trial', rejecting('no'), { onReject: 'open' }),
    folder.plugin('last', accepting({ end: 1 })),
  );
  const set = await folder.open(runtime);
  const { url } = await serve(
    express,
    wasmHooks(runtime, { before: set, logger: false }),
    (request, response) => void response.json(request.body),
  );

  expect((await postJson(url, {})).body).toEqual({ end: 1 });
  expect(await resultFor(set)).toEqual({ end: 1 });

  folder.list({ ...open, onFault: 'closed' });
  await set.reload();

  expect((await postJson(url, {})).status).toBe(500);
  expect(await set.callChain('before_hook', { input: {} })).toMatchObject({ fault: { code: 'ERR_TRAP' } });
});

test('the hooks after the handler are of the same versions as those before it, although the set was reloaded meanwhile', async () => {
  const folder = new SetFolder();
  const both = (version: number) => ({ ok: true, ctx: { input: { version }, data: { version } } }) as const;
  const old = folder.plugin('both', both(1));
  folder.list(old);
  const runtime = makeRuntime();
  const set = await folder.open(runtime);
  const { url } = await serve(express, wasmHooks(runtime, { before: set, after: set }), async (request, response) => {
    folder.list(folder.plugin('both', both(2)));
    await set.reload();
    response.setHeader('before', String((request.body as { version: number }).version));
    response.json({});
  });

  const answer = await postJson(url, {});

  expect(answer.headers.get('before')).toBe('1');
  expect(answer.body).toEqual({ version: 1 });
  expect((await set.callChain('after_hook', { input: {} })).ctx.data).toEqual({ version: 2 });
});

test('a call under way ends with the version that it began with, which is then unloaded', async () => {
  const folder = new SetFolder();
  const endless = await compile(`(module (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (loop (br 0)) (unreachable)))`);
  folder.list(folder.module('slow', endless, { limits: { maxFuel: 9_000_000_000_000, timeoutMs: 300 } }));
  const runtime = makeRuntime();
  const set = await folder.open(runtime, { keepVersions: 0 });
  const underWay = set.callChain('before_hook', { input: {} });

  folder.list(folder.plugin('slow', accepting({ version: 2 })));
  await set.reload();

  expect(await resultFor(set)).toEqual({ version: 2 });
  expect(runtime.plugins()).toHaveLength(2);
  expect(await underWay).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  expect(runtime.plugins()).toHaveLength(1);
});

test('a closed set refuses calls, and has unloaded its plugins', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 1 })));
  const runtime = makeRuntime();
  const set = await folder.open(runtime);

  await set.close();

  expect(runtime.plugins()).toEqual([]);
  await refusal(set.callChain('before_hook', { input: {} }), 'ERR_CLOSED');
  await refusal(set.reload(), 'ERR_CLOSED');
  await refusal(set.rollback('one'), 'ERR_CLOSED');
});

test('two sets of one runtime with the same version do not unload what the other one runs', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version: 1 })));
  const runtime = makeRuntime();
  const [one, other] = await Promise.all([folder.open(runtime), folder.open(runtime)]);

  await one.close();

  expect(await resultFor(other)).toEqual({ version: 1 });
});

test('the .wasm files of a folder are plugins in the order of their names', async () => {
  const folder = new SetFolder();
  folder.write('b.wasm', pluginAnswering(accepting({ last: 'b' })));
  folder.write('a.wasm', pluginAnswering(accepting({ last: 'a' })));
  folder.write('.c.wasm', pluginAnswering(rejecting('hidden')));
  folder.write('d.txt', 'not a plugin');
  const set = await openPlugins(makeRuntime(), { folder: folder.path, isolate: false, logger: false });

  expect(set.status().plugins.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(await resultFor(set)).toEqual({ last: 'b' });

  folder.write('a.wasm', pluginAnswering(rejecting('a is closed')));
  await set.reload();

  expect(await resultFor(set)).toBe('a is closed');
  await set.close();
});

test('one tenant of thousands costs a request no more than one of few', async () => {
  const folder = new SetFolder();
  const own = folder.plugin('own', accepting({ version: 1 }));
  const many = Array.from({ length: 2_000 }, (_, index) => ({
    ...own,
    name: `own-${index}`,
    tenants: [`tenant-${index}`],
  }));
  folder.list(...many.slice(0, 10));
  const runtime = makeRuntime({ maxLoads: 100 });
  const few = await folder.open(runtime, { storeDir: false });
  const timeOf = async (set: typeof few) => {
    const start = process.cpuUsage();
    for (let call = 0; call < 200; call += 1) {
      await resultFor(set, 'tenant-7');
    }
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  const whenFew = await timeOf(few);
  folder.list(...many);
  await few.reload();

  expect(few.status().plugins).toHaveLength(2_000);
  expect(await timeOf(few)).toBeLessThan(4 * whenFew);
});

test('a chain whose last plugin is passed over accepts, with the context as those before it left it', async () => {
  const folder = new SetFolder();
  folder.list(
    folder.plugin('one', accepting({ version: 1 })),
    folder.plugin('no', { ok: false, error: 'no' }, { onReject: 'open' }),
  );
  const set = await folder.open(makeRuntime());

  const result = await set.callChain('before_hook', { input: {} });

  expect(result).toMatchObject({ ok: true, ctx: { input: { version: 1 } }, steps: [{ ok: true }, { ok: false }] });
  expect(result.error).toBeUndefined();
});
