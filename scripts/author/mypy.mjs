import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { orMissing, workshop } from '../plugins/compiler.mjs';

const pinned = 'mypy==2.4.1';
const windows = process.platform === 'win32';
const environment = path.join(workshop, 'mypy');
const python = path.join(environment, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/**
 * Installs mypy with pip, in an environment of its own, unless it is there.
 *
 * @param {(text: string) => void} say
 * @returns {Promise<(folder: string) => Promise<string[]>>} checks a project as its pyproject.toml says. Resolves with the lines of
 *   the errors that mypy finds
 * @throws {import('../plugins/compiler.mjs').MissingCompiler} if it cannot be had
 */
export async function installMypy(say) {
  if (!existsSync(python) || !(await isInstalled())) {
    say(`installing ${pinned} with pip`);
    await orMissing('Python could not install mypy', install);
  }
  return findErrors;
}

async function findErrors(folder) {
  const printed = [];
  try {
    await run(python, ['-m', 'mypy', '--no-color-output'], { cwd: folder, output: (line) => printed.push(line) });
    return [];
  } catch (error) {
    const errors = printed.filter((line) => line.includes(': error: '));
    if (errors.length === 0) {
      throw error;
    }
    return errors;
  }
}

async function isInstalled() {
  const listed = await run(python, ['-m', 'pip', 'freeze', '--disable-pip-version-check'], { output: 'capture' });
  return listed.split(/\r?\n/).includes(pinned);
}

async function install() {
  await run(windows ? 'python' : 'python3', ['-m', 'venv', environment]);
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  await run(python, ['-m', 'pip', 'install', ...options, pinned]);
}
