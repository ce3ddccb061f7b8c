// What a client gets if the queue has no room for its request.

import { hookStats } from 'hookcell/express';

import { postJson } from '../../support/http';
import { created } from './rows';
import type { TestServer } from './test-server';

/** Tests of responses to requests that cannot wait. */
export function testFullQueue(server: TestServer): void {
  test('a full queue responds 503 with the time to retry, and is not a fault of the plugin', async () => {
    await server.start({ concurrency: 1, maxQueue: 0 });
    const url = await server.serve({ before: 'yes', circuitBreaker: { faults: 1 } });
    await server.takeSlot();

    for (const answer of [await postJson(url, {}), await postJson(url, {})]) {
      expect(answer).toMatchObject({ status: 503, body: { status: 503 } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(hookStats(server.runtime)).toMatchObject({ circuitsOpened: 0, refusedByCircuit: 0 });
  });

  test('a wait longer than queueTimeoutMs responds 503', async () => {
    await server.start({ concurrency: 1, queueTimeoutMs: 5 });
    const url = await server.serve({ before: 'yes' });
    await server.takeSlot();

    expect(await postJson(url, {})).toMatchObject({ status: 503, body: { status: 503 } });
  });

  test('a tenant beyond its share of the queue gets 429', async () => {
    await server.start({ concurrency: 1, maxQueuePerTenant: 0 });
    const url = await server.serve({ before: 'yes', tenantId: 'a' });
    await server.takeSlot();

    expect(await postJson(url, {})).toMatchObject({ status: 429, body: { status: 429 } });
  });

  test('a full queue after the handler asks no client to retry', async () => {
    await server.start({ concurrency: 1, maxQueue: 0 });
    const url = await server.serve({ after: 'yes' }, created);
    await server.takeSlot();

    const answer = await postJson(url, {});

    expect(answer.status).toBe(500);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(answer.text).not.toMatch(/queue/i);
  });
}
