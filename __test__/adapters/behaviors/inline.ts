import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { FaultMessage } from 'hookcell';

import { postJson } from '../../support/http';
import type { Options } from './driver';
import type { TestServer } from './test-server';

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
    // The first call of a process takes longer than any other.
    await postJson(url, {});

    subscribe('hookcell:fault', listener);
    try {
      await postJson(url, {});
    } finally {
      unsubscribe('hookcell:fault', listener);
    }

    expect(places).toEqual([where]);
  });
}
