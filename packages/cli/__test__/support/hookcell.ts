import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import Ajv from 'ajv';

const HOME = path.join(__dirname, '../..');
/** The command's file. */
export const COMMAND = path.join(HOME, 'dist/main.js');

/** Compiled plugins of the tests stay out of the user's folders. */
const CACHE = { HOOKCELL_CACHE_DIR: path.join(HOME, '../../target/cli-cache') };

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Start {
  stdin?: string | Uint8Array;
  cwd?: string;
  env?: Record<string, string>;
  /** Interrupt it as soon as it has written its result, as Ctrl-C does. */
  interrupt?: boolean;
}

/** Runs `hookcell` with these arguments, as a user does. */
export function hookcell(args: readonly string[], { stdin, cwd, env, interrupt }: Start = {}): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: { ...process.env, ...CACHE, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (interrupt === true) {
    child.stdout.once('data', () => child.kill('SIGINT'));
  }
  child.stdin.on('error', () => {}).end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Standard output as JSON that the published schema of this name allows. */
export function jsonOf({ stdout }: Ended, schema: string): any {
  const value: unknown = JSON.parse(stdout);
  expectValid(value, schema);
  return value;
}

/** Expects a value to be as the published schema of this name says. */
export function expectValid(value: unknown, schema: string): void {
  const text = readFileSync(path.join(HOME, 'schemas', `${schema}.json`), 'utf8');
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(text));
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}
