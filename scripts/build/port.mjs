import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { CommandError } from './command.mjs';

const deadlineMs = 60_000;

/** A port of this machine that no server has. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when a server of another process listens. That has no event to wait for, so this asks until it does. */
export async function untilListening(port) {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const socket = connect(port, 'localhost');
    try {
      await once(socket, 'connect');
      return;
    } catch (cause) {
      if (performance.now() > deadline) {
        throw new CommandError('the server does not listen', { cause });
      }
      await setTimeout(50);
    } finally {
      socket.destroy();
    }
  }
}
