import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createPostgresBackend } from 'bullmq';

import { freePort } from './free-port';

const programs = folderOfPrograms();

if (programs === undefined) {
  console.warn('There is no PostgreSQL, so its tests of hookcell/bullmq are skipped: apt-get install postgresql');
}

/** Tests that need PostgreSQL. Without it they are skipped, and that is said. */
export const withPostgres = programs === undefined ? describe.skip : describe;

/** A PostgreSQL of the test, which ends with it. */
export function usePostgres() {
  const postgres = {
    port: 0,
    backend: createPostgresBackend,
    connection: () => ({
      connectionString: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
      migrate: true,
    }),
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-postgres-'));
  const owner = ownerOfServer();
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    postgres.port = await freePort();
    chmodSync(folder, 0o700);
    if (owner.uid !== undefined) {
      chownSync(folder, owner.uid, owner.gid ?? owner.uid);
    }
    const made = spawnSync(program('initdb'), ['-D', folder, '-U', 'postgres', '-A', 'trust', '--no-sync'], owner);
    if (made.status !== 0) {
      throw new Error(String(made.stderr));
    }
    const settings = ['-p', String(postgres.port), '-h', '127.0.0.1', '-k', folder, '-F'];
    server = spawn(program('postgres'), ['-D', folder, ...settings], { ...owner, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      server?.stderr?.on('data', (text) => {
        log += String(text);
        if (log.includes('ready to accept connections')) {
          resolve();
        }
      });
      server?.once('exit', () => reject(new Error(log)));
    });
  });
  afterAll(async () => {
    if (server !== undefined && server.exitCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return postgres;
}

function program(name: string): string {
  return path.join(programs ?? '', name);
}

/** Debian keeps them outside of the PATH. */
function folderOfPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => path.join(debian, version, 'bin')) : [];
  return [...versions, ...(process.env['PATH'] ?? '').split(path.delimiter)].find((folder) =>
    existsSync(path.join(folder, 'initdb')),
  );
}

/** PostgreSQL refuses to run as root. */
function ownerOfServer(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) {
    return {};
  }
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres']).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}
