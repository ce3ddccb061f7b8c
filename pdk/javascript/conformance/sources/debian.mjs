// Sources of a Debian package, through apt-get with lists of its own: what this machine has set up is not changed.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, run } from '../../../../scripts/build/command.mjs';

const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The archive of a source package, whose digest is known.
 *
 * @param {{ package: string, release: string, archive: string, sha256: string }} source
 * @param {string} folder where it is kept
 * @returns {Promise<string>} its path
 */
export async function debianSource({ package: name, release, archive, sha256 }, folder) {
  const file = path.join(folder, archive);
  if (!existsSync(file)) {
    const mirror = await mirrorOf();
    const lists = path.join(folder, 'lists');
    mkdirSync(path.join(lists, 'partial'), { recursive: true });
    const sources = path.join(folder, 'sources.list');
    writeFileSync(sources, `deb-src [signed-by=${keys}] ${mirror} ${release} main\n`);
    const own = { 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '/dev/null', 'Dir::State::lists': lists };
    const options = ['-qq', ...Object.entries(own).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
    await run('apt-get', [...options, 'update'], { cwd: folder });
    await run('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'source', '--download-only', name], {
      cwd: folder,
    });
  }
  checkDigest(file, sha256);
  return file;
}

/** The mirror that this machine has set up. */
async function mirrorOf() {
  const format = '$(CREATED_BY) $(COMPONENT) $(REPO_URI)';
  const targets = await run('apt-get', ['indextargets', '--format', format], { output: 'capture' });
  const [, mirror] = /^Packages main (\S+\/debian\/?)$/m.exec(targets) ?? [];
  if (mirror === undefined) {
    throw new CommandError('apt-get knows no mirror of Debian');
  }
  return mirror;
}

/** @throws {CommandError} if it is another file */
export function checkDigest(file, sha256) {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (digest !== sha256) {
    throw new CommandError(`${file} has the digest ${digest}, and not ${sha256}`);
  }
}
