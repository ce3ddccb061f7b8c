// Installs Debian's redis-server and postgresql, those that are not there, if this may install them. Says what it did; tests that need
// them say that they are skipped if they are not there.
//
//   node cluster/install-servers.mjs

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { hasRedis } from './redis.mjs';

/** Whether there is a redis-server now. */
export function installRedis() {
  return install('redis-server', hasRedis);
}

/** Whether there is a PostgreSQL now. */
function installPostgres() {
  // Debian keeps its programs outside of the PATH.
  return install('postgresql', () => existsSync('/usr/lib/postgresql') || spawnSync('initdb', ['-V']).status === 0);
}

function install(name, isThere) {
  if (isThere()) {
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
  console.log(`installing ${name} with apt-get`);
  const isInstalled = apt('update') && apt('install', '-y', '--no-install-recommends', name) && isThere();
  if (!isInstalled) {
    console.log(`${name} is not there and cannot be installed: tests of hookcell/bullmq that need it are skipped`);
  }
  return isInstalled;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  installRedis();
  installPostgres();
}
