import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { run } from '../build/command.mjs';
import { orMissing, pdk, workshop } from '../plugins/compiler.mjs';

const requirements = path.join(pdk, 'python', 'packages', 'requirements.txt');
const home = path.join(workshop, 'python', 'packages');

/** Where the packages are. */
export class Wheels {
  /** Each package in a folder of its own: CPython imports no data from a wheel. */
  unpacked = path.join(home, 'unpacked');
  /** Versions, by name. */
  versions = new Map();
  #files = new Map();

  /**
   * Downloads the wheels of requirements.txt with pip, which checks the digests.
   *
   * @throws {MissingCompiler} if they cannot be had
   */
  static async download(say) {
    const wheels = new Wheels();
    const text = readFileSync(requirements, 'utf8');
    for (const [, name, version] of text.matchAll(/^([\w.-]+)==(\S+)/gm)) {
      wheels.versions.set(name, version);
    }
    const folder = path.join(home, 'wheels');
    const done = path.join(home, createHash('sha256').update(text).digest('hex'));
    if (!existsSync(done)) {
      say('downloading packages with pip');
      rmSync(home, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const platforms = ['any', 'manylinux2014_x86_64'].flatMap((name) => ['--platform', name]);
      const options = [
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
        '--python-version',
        '3.13',
        ...platforms,
      ];
      const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...options];
      await orMissing('pip could not download the packages', () =>
        run('python3', [...pip, '--requirement', requirements, '--dest', folder]),
      );
      for (const file of readdirSync(folder)) {
        unpack(path.join(folder, file), path.join(wheels.unpacked, nameOf(file)));
      }
      writeFileSync(done, '');
    }
    for (const file of readdirSync(folder)) {
      wheels.#files.set(nameOf(file), path.join(folder, file));
    }
    return wheels;
  }

  /** What a plugin gets of a package: the wheel, or its folder if the wheel has machine code, which the plugin does without. */
  placeOf(name) {
    const wheel = this.#files.get(name);
    return wheel.endsWith('-none-any.whl') ? wheel : this.folderOf(name);
  }

  folderOf(name) {
    return path.join(this.unpacked, name);
  }
}

function nameOf(wheel) {
  return wheel
    .split('-')[0]
    .replaceAll(/[-_.]+/g, '-')
    .toLowerCase();
}

function unpack(wheel, to) {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(wheel)))) {
    if (!name.endsWith('/')) {
      mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
      writeFileSync(path.join(to, name), bytes);
    }
  }
}
