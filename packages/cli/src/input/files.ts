import { readFile, stat } from 'node:fs/promises';

import { UsageError } from '../exit.js';
import { shown } from '../terminal/shown-text.js';

/** The name that stands for standard input. */
export const STDIN = '-';

/**
 * Reads a file, or standard input.
 *
 * @param file - its path, or `-`
 * @param hint - what the message says to do about a file that is not there
 * @throws {UsageError} if it cannot be read
 */
export async function readBytes(file: string, hint?: string): Promise<Buffer> {
  try {
    if (file === STDIN) {
      return await readStdin();
    }
    if (!(await stat(file)).isFile()) {
      throw new Error('it is not a file');
    }
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice = code === 'ENOENT' && hint !== undefined ? ` (${hint})` : '';
    throw new UsageError(`cannot read ${named(file)}: ${message}${advice}`);
  }
}

/** Reads a JSON value from a file, or from standard input. */
export async function readJson(file: string): Promise<unknown> {
  const text = new TextDecoder('utf-8', { fatal: true });
  const bytes = await readBytes(file);
  try {
    return JSON.parse(text.decode(bytes));
  } catch (error) {
    throw new UsageError(`${named(file)} is not JSON: ${shown((error as Error).message)}`);
  }
}

/** Refuses more than one `-`, because standard input can be read only once. */
export function expectOneStdin(...files: readonly (string | undefined)[]): void {
  if (files.filter((file) => file === STDIN).length > 1) {
    throw new UsageError('only one file can be - (standard input)');
  }
}

/** How a message names the file. */
export function named(file: string): string {
  return file === STDIN ? 'standard input' : shown(file);
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
