// What happens when a client disconnects.

import type { Socket } from 'node:net';

import { hookStats } from 'hookcell/express';

import { soon, until } from '../../support/clock';
import { postJson, startPipeline, startPost } from '../../support/http';
import type { AnyRequest } from './driver';
import { echo } from './rows';
import type { TestServer } from './test-server';

/** Resolves when the connection of a request closes, in any framework. */
function closed(request: AnyRequest & { socket?: Socket }): Promise<void> {
  return new Promise((resolve) => request.socket?.once('close', () => resolve()));
}

/** Tests of clients that disconnect before their response. */
export function testClientsThatLeave(server: TestServer): void {
  test('two hundred clients that disconnect free their slots, and a client that stays is served', async () => {
    await server.start({ concurrency: 1 });
    const warn = jest.fn();
    const url = await server.serve({
      before: { plugin: ({ headers }) => headers['x-plugin'], timeoutMs: 60_000 },
      headers: ['x-plugin'],
      circuitBreaker: { faults: 1 },
      logger: { warn },
    });
    const leaving = Array.from({ length: 200 }, () => startPost(url, { 'x-plugin': 'loop' }));
    await until(() => server.runtime.running + server.runtime.waiting === 200);

    leaving.forEach((client) => client.destroy());
    const answer = await postJson(url, { a: 1 }, { 'x-plugin': 'yes' });

    expect(answer).toMatchObject({ status: 200, body: { got: { a: 1 } } });
    await until(() => hookStats(server.runtime).clientsLeft === 200);
    expect(server.runtime).toMatchObject({ running: 0, waiting: 0 });
    expect(hookStats(server.runtime)).toMatchObject({ circuitsOpened: 0, openCircuits: [] });
    expect(warn).not.toHaveBeenCalled();
  });

  test('a client with many pipelined requests frees all their slots when it disconnects', async () => {
    await server.start({ concurrency: 1 });
    const warn = jest.spyOn(process, 'emitWarning');
    const url = await server.serve({
      before: { plugin: 'loop', timeoutMs: 60_000 },
      circuitBreaker: false,
      logger: false,
    });
    const socket = startPipeline(url, 20, {});
    await until(() => server.runtime.running + server.runtime.waiting === 20);

    socket.destroy();

    await until(() => hookStats(server.runtime).clientsLeft === 20);
    await until(() => server.runtime.running + server.runtime.waiting === 0);
    expect(warn).not.toHaveBeenCalled();
  });

  test('when a client disconnects, neither the next hooks nor the handler run', async () => {
    await server.start();
    const behind = jest.fn();
    const handle = jest.fn(echo);
    const leave = async (session: { closed: Promise<void> }) => {
      client.destroy();
      await session.closed;
      await soon();
    };
    const url = await server.serve(
      {
        before: [({ session }) => leave(session), behind],
        session: (request) => ({ closed: closed(request) }),
      },
      handle,
    );
    const client = startPost(url, {});

    await until(() => hookStats(server.runtime).clientsLeft === 1);

    expect(behind).not.toHaveBeenCalled();
    expect(handle).not.toHaveBeenCalled();
  });

  test('a client that disconnects while the hooks after the handler run does not stop them', async () => {
    await server.start();
    let ended = false;
    const leave = async (session: { closed: Promise<void> }) => {
      client.destroy();
      await session.closed;
    };
    const url = await server.serve({
      after: [({ session }) => leave(session), 'yes', () => void (ended = true)],
      session: (request) => ({ closed: closed(request) }),
    });
    const client = startPost(url, {});

    await until(() => ended);
    expect(hookStats(server.runtime).clientsLeft).toBe(0);
  });
}
