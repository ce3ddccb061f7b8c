import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { orMissing, pdk, workshop } from '../compiler.mjs';
import { runPython } from '../zig.mjs';

const requirements = path.join(pdk, 'javascript', 'engine', 'requirements.txt');
const folder = path.join(workshop, 'javascript', 'sources');

/**
 * QuickJS-ng's sources by file name, from the archive on PyPI that requirements.txt names with its digest.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function quickjsSources(say) {
  say(`fetching ${readFileSync(requirements, 'utf8').split(' ')[0]} with pip`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--no-binary=:all:', '--require-hashes'];
  await orMissing('Python could not fetch the sources', () =>
    runPython(['-m', 'pip', 'download', ...options, '--dest', folder, '--requirement', requirements]),
  );
  const [archive] = readdirSync(folder);
  await runPython(['-m', 'tarfile', '--extract', archive, '.'], { cwd: folder });
  const unpacked = path.join(folder, archive.replace('.tar.gz', ''), 'upstream-quickjs');
  return new Map(readdirSync(unpacked).map((name) => [name, readFileSync(path.join(unpacked, name), 'utf8')]));
}
