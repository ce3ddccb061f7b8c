// Starting other programs: cargo, npm, and the tools in node_modules.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program that could not be started or that failed. */
export class CommandError extends Error {
  name = 'CommandError';
}

/**
 * Runs a program to its end. Resolves with what it wrote to standard output, or '' if that goes to the terminal.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd] default: the root of the repository
 * @param {NodeJS.ProcessEnv} [options.env] default: this process's
 * @param {string} [options.title] what an error calls it. Default: the command
 * @param {'terminal' | 'ignore'} [options.errors] where standard error goes. Default 'terminal'
 * @param {'terminal' | 'capture' | ((line: string) => void)} [options.output] where standard output goes; a function
 *   gets each line as it arrives. Default 'terminal'
 * @throws {CommandError} if the program does not start or does not end with 0
 */
export async function run(program, args, options = {}) {
  const { cwd = root, env = process.env, errors = 'terminal', output = 'terminal', title } = options;
  const stdio = ['inherit', output === 'terminal' ? 'inherit' : 'pipe', errors === 'terminal' ? 'inherit' : 'ignore'];
  const child = spawn(program, args, { cwd, env, stdio });
  const ended = new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new CommandError(`${program} could not be started: ${cause.message}`, { cause }));
    });
    child.once('close', (code, signal) => {
      if (code === 0) {
        resolve();
      } else {
        const command = title ?? [path.basename(program), ...args].join(' ');
        reject(new CommandError(`${command}: ended with ${signal ?? `exit code ${code}`}`));
      }
    });
  });

  let text = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    if (output === 'capture') {
      text += chunk;
      return;
    }
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    lines.forEach(output);
  });
  await ended.finally(() => rest !== '' && output(rest));
  return text;
}

/**
 * Runs npm with {@link run}.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNpm(args, options) {
  // Windows only starts npm.cmd through a shell, which splits paths at spaces. The npm that runs this is a plain script.
  const npm = process.env.npm_execpath;
  return npm?.endsWith('npm-cli.js')
    ? run(process.execPath, [npm, ...args], { title: 'npm', ...options })
    : run('npm', args, options);
}

/**
 * Runs a command of a development dependency.
 *
 * @param {string} dependency the package's name
 * @param {string[]} args
 * @param {Parameters<typeof run>[2] & { command?: string, program?: string }} [options] `command`: by default the package's
 *   only command; `program`: the Node.js that runs it, by default this one
 */
export function runTool(dependency, args, { command, program = process.execPath, ...options } = {}) {
  const folder = path.join(root, 'node_modules', dependency);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const name = command ?? (typeof bin === 'string' ? dependency : Object.keys(bin)[0]);
  const script = path.join(folder, typeof bin === 'string' ? bin : bin[name]);
  return run(program, [script, ...args], { title: name, ...options });
}

/**
 * The files of the working tree that git tracks or would add, sorted.
 *
 * @param {...string} patterns folders, or patterns of paths such as `*.md`
 * @returns {Promise<string[]>} paths from the root, with `/`
 */
export async function trackedFiles(...patterns) {
  const options = ['-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const [listed, deleted] = await Promise.all(
    [options, ['-z', '--deleted']].map((flags) =>
      run('git', ['ls-files', ...flags, '--', ...patterns], { output: 'capture' }),
    ),
  );
  const gone = new Set(deleted.split('\0'));
  return listed
    .split('\0')
    .filter((file) => file !== '' && !gone.has(file))
    .toSorted();
}

/** Runs the work of a script. A failed command has already said why, so its error ends the script without a stack trace. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = 1;
  }
}
