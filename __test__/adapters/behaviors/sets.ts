// A plugin set as the source of a route's plugins: what a client gets is the same as with plugins, in every adapter.

import { SetFolder, accepting, closeAll } from '../../plugin-sets/set-folder';
import type { Entry } from '../../plugin-sets/set-folder';
import type { PluginSet, PluginSetOptions } from 'hookcell/plugins';
import { pluginFailing } from 'hookcell/testing';
import type { PluginAnswer } from 'hookcell/testing';

import { postJson } from '../../support/http';
import { fixture } from '../../support/wat';
import { created } from './rows';
import type { TestServer } from './test-server';

const REJECTING: PluginAnswer = { ok: false, error: 'not today', details: [{ field: 'email' }] };
const before = { hooks: ['before_hook'] };
const email = { got: { email: 'ada@example.com' } };

/** A folder with a manifest, and the entries that the tests list in it. */
class Plugins extends SetFolder {
  readonly email = (more = {}) => this.plugin('email', accepting({ email: 'ada@example.com' }), { ...before, ...more });
  readonly no = (more = {}) => this.plugin('no', REJECTING, { ...before, ...more });
  readonly crash = (more = {}) => this.module('crash', pluginFailing(), { ...before, ...more });
  readonly loop = () =>
    this.module('loop', pluginFailing('loop'), { ...before, limits: { maxFuel: 2 ** 50, timeoutMs: 30 } });
}

interface SetRow {
  title: string;
  entries: (plugins: Plugins) => Entry[];
  status: number;
  body: unknown;
}

const rows: SetRow[] = [
  { title: 'plugins that accept', entries: (all) => [all.email()], status: 200, body: email },
  { title: 'no plugin for the caller', entries: (all) => [all.no({ tenants: ['b'] })], status: 200, body: { got: {} } },
  {
    title: 'a rejection',
    entries: (all) => [all.email(), all.no()],
    status: 422,
    body: expect.objectContaining({ error: 'not today', details: [{ field: 'email' }] }),
  },
  {
    title: 'a rejection that the manifest passes over',
    entries: (all) => [all.email(), all.no({ onReject: 'open' })],
    status: 200,
    body: email,
  },
  { title: 'a fault', entries: (all) => [all.crash()], status: 500, body: expect.objectContaining({ status: 500 }) },
  {
    title: 'a fault that the manifest passes over',
    entries: (all) => [all.crash({ onFault: 'open' }), all.email()],
    status: 200,
    body: email,
  },
  { title: 'a deadline', entries: (all) => [all.loop()], status: 504, body: expect.objectContaining({ status: 504 }) },
];

/** Tests of routes whose plugins are those of a set. */
export function testSets(server: TestServer): void {
  describe('with a plugin set,', () => {
    afterEach(closeAll);

    async function open(list: (plugins: Plugins) => Entry[], options: Partial<PluginSetOptions> = {}) {
      const plugins = new Plugins();
      plugins.list(...list(plugins));
      return { plugins, set: await plugins.open(server.runtime, options) };
    }

    /** The set is closed before the runtime is. */
    const serve = (set: PluginSet, handle = undefined as Parameters<TestServer['serve']>[1]) =>
      server.serve({ before: set, after: set, tenantId: ({ headers }) => String(headers['x-tenant'] ?? 'a') }, handle);

    test.each(rows.map((row) => [row.title, row] as const))('a request ends by %s', async (_, row) => {
      await server.start();
      const { set } = await open(row.entries);

      const answer = await postJson(await serve(set), {});

      expect(answer).toMatchObject({ status: row.status });
      expect(answer.body).toEqual(row.body);
    });

    test('a full queue is a refusal', async () => {
      await server.start({ concurrency: 1, maxQueue: 0 });
      const { set } = await open((plugins) => [plugins.email()]);
      const url = await serve(set);
      await server.takeSlot();

      expect(await postJson(url, {})).toMatchObject({ status: 503, body: { status: 503 } });
    });

    test('a plugin that someone else unloads is a failure of the server, and no request goes on without it', async () => {
      await server.start();
      const { set } = await open((plugins) => [plugins.email()]);
      const url = await serve(set);
      server.runtime.unloadPlugin(set.status().plugins[0]?.versions[0]?.key ?? '');

      const answer = await postJson(url, {});

      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('email');
    });

    test('each tenant has its own plugins and configurations', async () => {
      await server.start();
      const report = await fixture('report_context');
      const { set } = await open((plugins) => [
        plugins.module('report', report, { config: 'of all', tenantConfigs: { b: 'of b' }, hooks: ['before_hook'] }),
        plugins.no({ tenants: ['c'] }),
      ]);
      const url = await serve(set);

      const answers = await Promise.all(['a', 'b', 'c'].map((tenant) => postJson(url, {}, { 'x-tenant': tenant })));

      expect(answers.map(({ status, body }) => [status, body.got?.seen.config])).toEqual([
        [200, 'of all'],
        [200, 'of b'],
        [422, undefined],
      ]);
    });

    test('a reload in the middle of a request does not change the hooks after its handler', async () => {
      await server.start();
      const version = (plugins: Plugins, number: number) =>
        plugins.plugin('one', { ok: true, ctx: { input: { before: number }, data: { after: number } } });
      const { plugins, set } = await open((all) => [version(all, 1)]);
      const seen: unknown[] = [];
      let reload: Promise<unknown> = Promise.resolve();
      const url = await server.serve(
        {
          before: [
            set,
            async () => {
              plugins.list(version(plugins, seen.length + 2));
              reload = set.reload();
              await reload;
            },
          ],
          after: set,
        },
        (input) => {
          seen.push(input);
          return created(input);
        },
      );

      const first = await postJson(url, {});
      const second = await postJson(url, {});

      expect([first.body, second.body]).toEqual([{ after: 1 }, { after: 2 }]);
      expect(seen).toEqual([{ before: 1 }, { before: 2 }]);
    });

    test('a monitored version is told of, and touches no request', async () => {
      await server.start();
      const { set } = await open((plugins) => [plugins.email(), { ...plugins.no({ mode: 'monitor' }), name: 'email' }]);
      const told = new Promise((resolve) => set.once('difference', resolve));
      const url = await serve(set);

      expect(await postJson(url, {})).toMatchObject({ status: 200, body: email });
      expect(await told).toMatchObject({
        name: 'email',
        tenant: 'a',
        monitoredOutcome: { ok: false, error: 'not today' },
      });
    });
  });
}
