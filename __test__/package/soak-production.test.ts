// Some seconds of `npm run soak -- --production`: servers and workers while versions change, workers are killed and Redis restarts.

import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';

const MAIN = path.join(__dirname, '../../soak/main.mjs');

/** It takes about half a minute, and longer to report what is missing. */
jest.setTimeout(600_000);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

(hasRedis ? test : test.skip)(
  'nothing is lost, mixed up or applied twice without being told while versions change, workers are killed and Redis restarts',
  async () => {
    const args = [MAIN, '--production', '--seconds', '10', '--seed', '1'];
    const { failure, report } = await new Promise<{ failure: string | undefined; report: string }>((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) =>
        resolve({ failure: error?.message, report: stdout + stderr }),
      );
    });
    const figure = (name: string) =>
      Number(new RegExp(`^${name} +([\\d,]+)$`, 'm').exec(report)?.[1]?.replaceAll(',', ''));

    expect({ failure, report }).toEqual({ failure: undefined, report: expect.stringContaining('must be zero') });
    for (const kind of [
      'reload',
      'bad version',
      'broken manifest',
      'rollback',
      'worker killed',
      'Redis restarted',
      'orders',
      'jobs',
    ]) {
      expect([kind, figure(kind)]).toEqual([kind, expect.any(Number)]);
      expect(figure(kind)).toBeGreaterThan(0);
    }
  },
);
