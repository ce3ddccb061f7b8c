import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Why there can be no jobs here; `undefined` if there can. */
export async function missingForJobs() {
  try {
    await import('bullmq');
    await import('ioredis');
  } catch {
    return 'bullmq and ioredis are not installed';
  }
  return spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'there is no redis-server on the PATH';
}

/**
 * Starts a Redis that keeps what it acknowledges.
 *
 * @param {string} folder where it keeps it
 * @returns {Promise<{ port: number, kill: () => void }>}
 */
export async function startRedis(folder) {
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      child.kill('SIGKILL');
      throw new Error('redis-server does not start');
    }
    await setTimeout(25);
  }
  return { port, kill: () => child.kill('SIGKILL') };
}

async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
