import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { orMissing, pdk, workshop } from './compiler.mjs';

const cwd = path.join(pdk, 'zig');
const windows = process.platform === 'win32';

// A virtual environment of Python, because PyPI has every release of Zig for every system.
const environment = path.join(workshop, 'zig');

/** The folder of the Python that Zig is installed in, for a PATH. */
export const zigPrograms = path.join(environment, windows ? 'Scripts' : 'bin');
const python = path.join(zigPrograms, windows ? 'python.exe' : 'python');

const cache = path.join(workshop, 'zig-cache');
const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };

export const zig = {
  name: 'zig',
  pinned: true,

  /**
   * @param {string} output
   * @param {(text: string) => void} say
   * @param {string[]} [args] for the compiler. Default: those of build.args
   */
  async build(output, say, args = ['@build.args']) {
    await installZig(say);
    say('compiling with zig build-exe');
    await runZig(['build-exe', ...args, `-femit-bin=${output}`], { cwd });
  },

  example: (name) => `examples/${name}.zig`,
  recipe: 'hook.zig',

  async buildExample({ source }, output, say) {
    const args = readFileSync(path.join(cwd, 'build.args'), 'utf8').trim().split(/\s+/);
    const root = args.findIndex((arg) => arg.startsWith('-Mroot='));
    await zig.build(output, say, args.with(root, `-Mroot=${path.relative(cwd, source)}`));
  },
};

/** Installs the pinned Zig, unless it is there. */
export async function installZig(say) {
  const pinned = readFileSync(path.join(cwd, 'requirements.txt'), 'utf8').trim();
  if ((await installedZig()) !== pinned) {
    say(`installing ${pinned} with pip`);
    await orMissing('Python could not install the compiler', install);
  }
}

/** Runs the installed Zig. */
export function runZig(args, options) {
  return runPython(['-m', 'ziglang', ...args], { env, ...options });
}

/** The command of the installed Zig and its environment, for a build of another project. */
export function zigCommand() {
  return { command: [python, '-m', 'ziglang'], env: { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache } };
}

/** Runs the Python that Zig is installed in. */
export function runPython(args, options) {
  return run(python, args, options);
}

async function install() {
  await run(windows ? 'python' : 'python3', ['-m', 'venv', environment]);
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  await runPython(['-m', 'pip', 'install', ...options, '--requirement', 'requirements.txt'], { cwd });
}

/** What is installed, in the format of requirements.txt. */
async function installedZig() {
  if (!existsSync(python)) {
    return undefined;
  }
  const listed = await runPython(['-m', 'pip', 'freeze', '--disable-pip-version-check'], { output: 'capture' });
  return listed.split(/\r?\n/).find((line) => line.startsWith('ziglang=='));
}
