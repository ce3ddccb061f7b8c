// What every adapter does, in any framework, over real HTTP: one table (rows.ts), and tests with more than one request. The
// tests of an adapter pass a driver.

import { WasmRuntime } from 'hookcell';
import type { WholeContext } from 'hookcell';
import type { NativeHook } from 'hookcell/express';

import { soon } from '../../support/clock';
import { postJson, postText } from '../../support/http';
import { testCircuits } from './circuits';
import { testClientsThatLeave } from './clients-that-leave';
import type { Driver } from './driver';
import { testFullQueue } from './full-queue';
import { testInline } from './inline';
import { testLanguages } from './languages';
import { loadPlugins } from './plugins';
import { echo, rows } from './rows';
import type { Row } from './rows';
import { testSets } from './sets';
import { TestServer } from './test-server';
import { testThrown } from './thrown';

/**
 * Runs the table and these tests against an adapter.
 *
 * @param own - what a framework itself does in another way, by the title of the row
 */
export function describeBehaviors(name: string, driver: Driver, own: Record<string, Partial<Row>> = {}): void {
  const rowsHere = rows.map((row) => [row.title, { ...row, ...own[row.title] }] as const);

  describe(`on ${name},`, () => {
    const server = new TestServer(driver);

    // Keeps the plugins' code loaded, so that it is not compiled for each test.
    const keeper = new WasmRuntime({ logger: false });
    beforeAll(() => loadPlugins(keeper));
    afterAll(() => keeper.close());

    afterEach(() => server.stop());

    test.each(rowsHere)('%s', async (_, row) => {
      await server.start();
      const { before, after } = row;
      const url = await server.serve(
        { ...(before && { before }), ...(after && { after }), ...row.options },
        row.handle,
      );

      const answer = await postText(url, row.sentText ?? JSON.stringify(row.sent ?? {}), row.headers);

      expect(answer.status).toBe(row.status);
      expect(answer.body).toEqual(row.body);
      if (row.type !== undefined) {
        expect(answer.headers.get('content-type')).toMatch(row.type);
      }
    });

    test('the handler does not run if a hook before it ends the request', async () => {
      await server.start();
      const handle = jest.fn(echo);
      const url = await server.serve({ before: ['no', 'crash'] }, handle);

      await postJson(url, {});

      expect(handle).not.toHaveBeenCalled();
    });

    test('a failure tells the client nothing about the server', async () => {
      await server.start();
      const url = await server.serve({ before: 'crash' });

      const { text } = await postJson(url, {});

      expect(text).not.toMatch(/crash|trap|unreachable|wasm|hook|at /i);
    });

    testFullQueue(server);
    testClientsThatLeave(server);
    testCircuits(server);
    testInline(server);
    testThrown(server);
    testSets(server);
    testLanguages(server);

    test('two hundred concurrent requests of two tenants with different plugins do not mix', async () => {
      await server.start();
      const keepId: NativeHook<any, any, any> = ({ input, session }) => void (session.id = input.id);
      const tellId: NativeHook<any, any, any> = ({ data, session }) => ({ data: { ...data, session: session.id } });
      const url = await server.serve(
        {
          before: [keepId, soon, { plugin: ({ tenant_id }) => `before-${tenant_id}` }],
          after: ['report', ({ data }) => ({ data: { told: data } }), soon, tellId],
          tenantId: ({ headers }) => String(headers['x-tenant']),
          user: async ({ headers }) => ({ id: String(headers['x-user']), role: 'client' }),
        },
        (input) => ({ json: { handled: input } }),
      );

      const answers = await Promise.all(
        Array.from({ length: 200 }, (__, id) => {
          const headers = { 'x-tenant': id % 2 === 0 ? 'a' : 'b', 'x-user': `user-${id}` };
          return postJson(url, { id, email: `${id}@Example.com` }, headers);
        }),
      );

      for (const [id, { status, body }] of answers.entries()) {
        const told = body.told as WholeContext<any, any>;
        const input = id % 2 === 0 ? { id, email: `${id}@example.com` } : { seen: expect.anything() };
        expect(status).toBe(200);
        expect(body.session).toBe(id);
        expect(told).toMatchObject({
          input,
          data: { handled: input },
          user: { id: `user-${id}`, role: 'client' },
          tenant_id: id % 2 === 0 ? 'a' : 'b',
        });
        if (id % 2 === 1) {
          expect(told.input.seen).toMatchObject({ input: { id, email: `${id}@Example.com` }, tenant_id: 'b' });
        }
      }
    });
  });
}
