import { spawn } from 'node:child_process';

import { BuildFailure } from './build-failure.js';

/** How a program ended. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program. Resolves with `undefined` if it cannot be started. */
export function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a compiler. Resolves with its standard output. @throws {BuildFailure} with what it wrote, if it fails */
export async function compile(
  program: string,
  args: readonly string[],
  cwd: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  const ended = await runProgram(program, args, cwd, env);
  if (ended?.code !== 0) {
    const said = `${ended?.stderr ?? ''}${ended?.stderr === '' ? ended.stdout : ''}`.trim();
    throw new BuildFailure(said === '' ? `${program} failed` : said);
  }
  return ended.stdout;
}

/** The first line that a program writes for these arguments, if it is there. */
export async function versionOf(program: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  const ended = await runProgram(program, args, cwd);
  return ended?.code === 0 ? ended.stdout.split('\n')[0]?.trim() : undefined;
}
