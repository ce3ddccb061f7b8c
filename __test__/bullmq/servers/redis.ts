import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

import { until } from '../../support/clock';
import { freePort } from './free-port';

const isThere = spawnSync('redis-server', ['--version']).status === 0;

if (!isThere) {
  console.warn(
    'There is no redis-server on the PATH, so tests of hookcell/bullmq are skipped: apt-get install redis-server',
  );
}

/** Tests that need Redis. Without it they are skipped, and that is said. */
export const withRedis = isThere ? describe : describe.skip;

/** A Redis of the test, which ends with it. */
export function useRedis(settings: Record<string, string> = {}) {
  const redis = {
    port: 0,
    connection: () => ({ host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null }),
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-redis-'));
  let server: ChildProcess | undefined;
  beforeAll(async () => {
    redis.port = await freePort();
    const given = {
      port: String(redis.port),
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'yes',
      ...settings,
    };
    const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
    server = spawn('redis-server', args, { stdio: 'ignore' });
    let listens = false;
    await until(() => {
      const socket = connect(redis.port, '127.0.0.1', () => (listens = true)).on('error', () => undefined);
      setTimeout(() => socket.destroy(), 200);
      return listens;
    });
  });
  afterAll(async () => {
    if (server !== undefined) {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return redis;
}
