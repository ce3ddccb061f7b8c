import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { fixture } from './wat';

const ROOT = path.join(__dirname, '../..');

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** From the last line on standard output to the end, in milliseconds. */
  msAfterLastLine: number;
}

let folder: string | undefined;

/** The path of a file with the plugin of a fixture. */
export async function pluginFile(name: string): Promise<string> {
  folder ??= mkdtempSync(path.join(tmpdir(), 'hookcell-test-'));
  const file = path.join(folder, `${name}.wasm`);
  writeFileSync(file, await fixture(name));
  return file;
}

/** Removes the files of {@link pluginFile}. */
export function removePluginFiles(): void {
  if (folder !== undefined) {
    rmSync(folder, { recursive: true });
    folder = undefined;
  }
}

/** Runs a CommonJS script in a new process, in which `require('hookcell')` loads this package. */
export function runScript(script: string, options: readonly string[] = []): Promise<Ended> {
  const child = spawn(process.execPath, [...options, '--eval', script], { cwd: ROOT });
  let stdout = '';
  let stderr = '';
  let lastLine = performance.now();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    lastLine = performance.now();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, msAfterLastLine: performance.now() - lastLine });
    });
  });
}

/**
 * What a CommonJS script prints as JSON in a new process, in which a command of the shell ran first. It gets a file as
 * `process.argv[1]`.
 */
export async function printedAfter(command: string, script: string, file: string): Promise<object> {
  const child = spawn('sh', ['-c', `${command} && exec "$0" -e "$1" "$2"`, process.execPath, script, file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(output) as object;
}
