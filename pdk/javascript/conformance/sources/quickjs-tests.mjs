// QuickJS-ng's own tests. The archive on PyPI that the engine is built from has none; a crate has them, of a near version.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { homedir } from 'node:os';
import { CommandError, run } from '../../../../scripts/build/command.mjs';
import { checkDigest } from './debian.mjs';

const crate = { name: 'libquickjs-ng-sys', version: '0.14.0' };
const sha256 = '9c81e864c33a1d1543f2f651d7622de0e8fb9b8e0c50b808eee606c056dd02e2';
const archive = `${crate.name}-${crate.version}.crate`;

/** The folder with the tests. Fetches them if they are not there. */
export async function fetchQuickjsTests(workshop) {
  const folder = path.join(workshop, 'quickjs-tests');
  const tests = path.join(folder, 'tests');
  if (!existsSync(tests)) {
    mkdirSync(path.join(folder, 'fetch', 'src'), { recursive: true });
    writeFileSync(path.join(folder, 'fetch', 'src', 'lib.rs'), '');
    const manifest = `[package]\nname = "fetch"\nversion = "0.0.0"\n\n[dependencies]\n${crate.name} = "=${crate.version}"\n\n[workspace]\n`;
    writeFileSync(path.join(folder, 'fetch', 'Cargo.toml'), manifest);
    await run('cargo', ['fetch', '--quiet'], { cwd: path.join(folder, 'fetch') });
    const file = downloaded();
    checkDigest(file, sha256);
    const inside = `${crate.name}-${crate.version}/embed/quickjs/tests`;
    const depth = `--strip-components=${inside.split('/').length - 1}`;
    await run('tar', ['--extract', '--gzip', '--file', file, depth, '--directory', folder, inside]);
  }
  return tests;
}

/** The crate in cargo's cache. */
function downloaded() {
  const cache = path.join(process.env.CARGO_HOME ?? path.join(homedir(), '.cargo'), 'registry', 'cache');
  const found = readdirSync(cache).map((registry) => path.join(cache, registry, archive));
  const file = found.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new CommandError(`cargo did not fetch ${archive}`);
  }
  return file;
}
