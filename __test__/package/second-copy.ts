import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** Copies the built package, so that a process can hold two of it, as in a monorepo. Returns the copy's folder. */
export function secondCopy(): string {
  // Inside the repository, so that it finds the same frameworks.
  const copy = path.join(ROOT, 'target', 'test', `copy-${process.pid}`, 'node_modules', 'hookcell');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of ['package.json', 'index.js', 'dist', 'native']) {
    cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  }
  return copy;
}

/** Removes what {@link secondCopy} made. */
export function removeSecondCopy(copy: string): void {
  rmSync(path.join(copy, '..', '..'), { recursive: true, force: true });
}
