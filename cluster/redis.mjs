import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** How long it may take to start, on a busy machine. */
const PATIENCE_MS = 60_000;
const BETWEEN_TRIES_MS = 25;
const ANSWER_MS = 2_000;

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

  /**
   * Starts it, on the same port as before. Resolves when it answers. Another program may have taken the port meanwhile: then it ends at
   * once, and is started again, the first time on another port.
   */
  async start() {
    const isFirst = this.port === undefined;
    const end = performance.now() + PATIENCE_MS;
    do {
      this.port = isFirst ? await freePort() : this.port;
      if (await this.#startOnce(end)) {
        return this;
      }
      await setTimeout(BETWEEN_TRIES_MS);
    } while (performance.now() < end);
    throw new Error(`redis-server does not start on port ${this.port}`);
  }

  /** Resolves whether it answers. `false` if it has ended, or time is up. */
  async #startOnce(end) {
    const args = Object.entries({ port: this.port, bind: '127.0.0.1', dir: this.#folder, save: '', ...this.#settings });
    this.#process = spawn(
      'redis-server',
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    const redis = this.#process;
    while (redis.exitCode === null && performance.now() < end) {
      // Another server on the port would answer as well, and this one ends then.
      if ((await this.#answers()) && redis.exitCode === null) {
        return true;
      }
      await setTimeout(BETWEEN_TRIES_MS);
    }
    return false;
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
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      await once(socket, 'connect', { signal });
      socket.write('PING\r\n');
      const [answer] = await once(socket, 'data', { signal });
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
