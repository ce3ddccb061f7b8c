import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { FaultMessage } from 'hookcell';

import { postJson } from '../../support/http';
import type { Options } from './driver';
import type { TestServer } from './test-server';

const MOST_REQUESTS = 20;

/** The tests of the option `inlineFuel` of a route. */
export function testInline(server: TestServer): void {
  test.each<[string, Options, string]>([
    ['on the pool by default', { before: 'crash' }, 'pool'],
    ['inline if the route says so', { before: 'crash', inlineFuel: 10_000 }, 'inline'],
    ['inline if the plugin says so', { before: { plugin: 'crash', inlineFuel: 10_000 } }, 'inline'],
    [
      'as the plugin says, whatever the route says',
      { before: { plugin: 'crash', inlineFuel: 0 }, inlineFuel: 9 },
      'pool',
    ],
    ['inline if a function chooses it', { before: { plugin: () => 'crash' }, inlineFuel: 10_000 }, 'inline'],
    ['inline after the handler', { after: 'crash', inlineFuel: 10_000 }, 'inline'],
    ['inline with others in one hop', { before: ['yes', 'crash'], inlineFuel: 10_000 }, 'inline'],
  ])('a plugin runs %s', async (_, options, where) => {
    const places: string[] = [];
    const listener = (message: unknown) => places.push((message as FaultMessage).usage.where);
    await server.start();
    const url = await server.serve(options);

    subscribe('hookcell:fault', listener);
    try {
      // On a busy machine, an inline call can take so long that it is moved to the pool.
      do {
        await postJson(url, {});
      } while (places.at(-1) !== where && places.length < MOST_REQUESTS);
    } finally {
      unsubscribe('hookcell:fault', listener);
    }

    expect(places.at(-1)).toBe(where);
  });
}
