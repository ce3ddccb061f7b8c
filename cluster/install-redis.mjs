// Installs Debian's redis-server, if there is none on the PATH and this may install it. Says what it did; tests that need it say that
// they are skipped if it is not there.

import { spawnSync } from 'node:child_process';
import { hasRedis } from './redis.mjs';

/** Whether there is a redis-server now. */
export function installRedis() {
  if (hasRedis()) {
    return true;
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    return (
      spawnSync(command, rest, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
        .status === 0
    );
  };
  console.log('installing redis-server with apt-get');
  const isInstalled = apt('update') && apt('install', '-y', '--no-install-recommends', 'redis-server') && hasRedis();
  if (!isInstalled) {
    console.log('redis-server is not there and cannot be installed: tests of hookcell/bullmq are skipped');
  }
  return isInstalled;
}

installRedis();
