import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Whether a program `redis-server` is on the PATH. */
export function hasRedis() {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** A Redis of our own, with an append-only file in a folder that goes with it. */
export class Redis {
  #folder = mkdtempSync(path.join(tmpdir(), 'hookcell-redis-'));
  #settings;
  #process;
  port;

  /** @param {Record<string, string>} settings beside those that keep what is acknowledged */
  constructor(settings = {}) {
    this.#settings = { appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction', ...settings };
  }

  /** Starts it, on the same port as before. Resolves when it answers. */
  async start() {
    this.port ??= await freePort();
    const args = Object.entries({ port: this.port, bind: '127.0.0.1', dir: this.#folder, save: '', ...this.#settings });
    this.#process = spawn(
      'redis-server',
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    const { exitCode } = this.#process;
    for (let tries = 0; !(await this.#answers()); tries += 1) {
      if (exitCode !== null || tries > 400) {
        throw new Error('redis-server does not start');
      }
      await setTimeout(25);
    }
    return this;
  }

  /** Ends it at once, as a machine that loses its power. */
  async kill() {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** Ends it, and removes what it kept. */
  async remove() {
    if (this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null) {
      await this.kill();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** While it reads its file, it answers with an error. */
  async #answers() {
    const socket = connect(this.port, '127.0.0.1');
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
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
