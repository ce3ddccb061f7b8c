// Plugins that fault too often, and the requests that go on without them.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { hookStats } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { passTime } from '../../support/clock';
import { postJson } from '../../support/http';
import type { TestServer } from './test-server';

/** Tests of circuit breakers over HTTP. */
export function testCircuits(server: TestServer): void {
  test('a circuit opens, skips calls, tries the plugin, and closes', async () => {
    await server.start();
    const states: unknown[] = [];
    const keep = (message: unknown) => states.push(message);
    subscribe('hookcell:circuit', keep);
    const lines: string[] = [];
    const logger = { warn: (line: string) => lines.push(line) };
    const now = passTime();
    try {
      const url = await server.serve({ before: 'crash', logger, circuitBreaker: { faults: 2, openMs: 1_500 } });
      expect((await postJson(url, {})).status).toBe(500);
      expect((await postJson(url, {})).status).toBe(500);

      const held = await postJson(url, {});
      expect(held).toMatchObject({ status: 503, body: { status: 503 } });
      expect(held.headers.get('retry-after')).toBe('2');
      expect(hookStats(server.runtime)).toMatchObject({
        circuitsOpened: 1,
        refusedByCircuit: 1,
        openCircuits: ['crash'],
      });

      now.later(1_501);
      expect((await postJson(url, {})).status).toBe(500);
      expect((await postJson(url, {})).status).toBe(503);

      now.later(1_501);
      await server.runtime.loadPluginBytes('crash', pluginAnswering({ ok: true }));
      expect((await postJson(url, {})).status).toBe(200);
      expect((await postJson(url, {})).status).toBe(200);
    } finally {
      now.restore();
      unsubscribe('hookcell:circuit', keep);
    }

    expect(states).toEqual(['open', 'half-open', 'half-open', 'closed'].map((state) => ({ plugin: 'crash', state })));
    expect(lines).toEqual([
      expect.stringMatching(/^hookcell: crash failed 2 times or more, and is not called for 1500 ms/),
      expect.stringMatching(/^hookcell: crash works again .*; 2 calls were not made$/),
    ]);
    expect(hookStats(server.runtime).openCircuits).toEqual([]);
  });

  test('requests continue without a plugin whose circuit is open, and that is counted and published', async () => {
    await server.start();
    const passes: unknown[] = [];
    const keep = (message: unknown) => passes.push(message);
    subscribe('hookcell:pass', keep);
    const lines: string[] = [];
    try {
      const url = await server.serve({
        before: ['email', { plugin: 'crash', onFault: 'open' }],
        tenantId: 'acme',
        circuitBreaker: { faults: 1 },
        logger: { warn: (line) => lines.push(line) },
      });
      for (const answer of [await postJson(url, {}), await postJson(url, {})]) {
        expect(answer).toMatchObject({ status: 200, body: { got: { email: 'ada@example.com' } } });
      }
    } finally {
      unsubscribe('hookcell:pass', keep);
    }

    expect(passes).toMatchObject([
      { failure: { kind: 'faulted', plugin: 'crash', fault: { code: 'ERR_TRAP' } }, tenantId: 'acme' },
      { failure: { kind: 'circuit-open', plugin: 'crash' }, tenantId: 'acme' },
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^hookcell: crash before_hook failed, and the request continues without it( \(request .+\))?$/,
      ),
    );
    expect(hookStats(server.runtime)).toMatchObject({ passedFaults: 1, passedOpenCircuits: 1, refusedByCircuit: 0 });
  });
}
