// What the checks of packed packages share: the environment of a user without Rust, and the counting.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { format } from './suites/tally.mjs';

/** Runs checks in order and prints how each ended and the totals. Sets the exit code of the process. */
export async function runChecks(checks) {
  const results = [];
  for (const [name, check] of checks) {
    results.push(await attempt(name, check));
  }
  const failed = results.filter((passed) => !passed).length;
  console.log(format({ passed: results.length - failed, failed, skipped: 0 }));
  process.exitCode = failed > 0 ? 1 : 0;
}

async function attempt(name, check) {
  try {
    await check();
    console.log(`ok     ${name}`);
    return true;
  } catch (error) {
    console.log(`FAILED ${name}: ${error.message}`);
    return false;
  }
}

/** An environment without Rust on the PATH, and without the variables of an outer npm, which name this package as the current one. */
export function withoutRust(from) {
  const kept = Object.entries(from).filter(([name]) => !/^(npm_|CARGO|RUST|INIT_CWD$)/.test(name));
  const folders = (from.PATH ?? '').split(path.delimiter);
  return { ...Object.fromEntries(kept), PATH: folders.filter((folder) => !hasCargo(folder)).join(path.delimiter) };
}

function hasCargo(folder) {
  return ['cargo', 'cargo.exe'].some((name) => existsSync(path.join(folder, name)));
}
