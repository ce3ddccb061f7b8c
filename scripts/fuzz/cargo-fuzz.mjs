// cargo-fuzz, which runs libFuzzer.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run } from '../build/command.mjs';

const version = '0.13.2';
const tools = path.join(root, 'target', 'tools');
const program = path.join(tools, 'bin', 'cargo-fuzz');
const folder = path.join(root, 'target', 'fuzz');

function environment(sanitizer) {
  return {
    ...process.env,
    // The instrumentation needs no unstable flag of rustc, so it builds with the tool chain of rust-toolchain.toml. A
    // sanitizer needs one.
    ...(sanitizer === 'none' ? {} : { RUSTUP_TOOLCHAIN: 'nightly' }),
    // Installing a tool chain is up to the user.
    RUSTUP_AUTO_INSTALL: '0',
    RUSTC_WRAPPER: path.join(root, 'fuzz', 'rustc.sh'),
  };
}

function buildOptions(sanitizer) {
  const options = ['--release', '--sanitizer', sanitizer, '--target-dir', path.join(folder, sanitizer)];
  // As in any other release build. The settings that cargo-fuzz prefers take minutes longer.
  return [...options, '--codegen-units', '16'];
}

/**
 * Why fuzzing is not possible here, or undefined.
 *
 * @param {'none' | 'address'} sanitizer
 */
export function whyNot(sanitizer) {
  if (process.platform === 'win32') {
    return 'libFuzzer is set up for Linux and macOS only';
  }
  if (spawnSync('c++', ['--version']).status !== 0) {
    return 'libFuzzer is built by a C++ compiler, and there is none (c++)';
  }
  const { stdout } = spawnSync('rustc', ['--version'], { env: environment(sanitizer), encoding: 'utf8' });
  return sanitizer === 'none' || stdout?.includes('nightly')
    ? undefined
    : "a sanitizer needs Rust's nightly tool chain, and it is missing (rustup toolchain add nightly)";
}

/**
 * Installs cargo-fuzz if it is missing, and builds the targets.
 *
 * @param {'none' | 'address'} sanitizer
 */
export async function prepare(sanitizer) {
  const { stdout } = spawnSync(program, ['fuzz', '--version'], { encoding: 'utf8' });
  if (!stdout?.trim().endsWith(version)) {
    await run('cargo', ['install', 'cargo-fuzz', '--version', version, '--locked', '--force', '--root', tools]);
  }
  await run(program, ['fuzz', 'build', ...buildOptions(sanitizer)], { env: environment(sanitizer) });
}

/**
 * Fuzzes one target until its time is up, its runs are done, or it finds something.
 *
 * @param {string} name
 * @param {{ maxBytes: number, seeds: () => Promise<Array<Uint8Array>> }} target
 * @param {{ sanitizer: 'none' | 'address', seconds?: string, runs?: string }} options
 */
export async function fuzz(name, { maxBytes, seeds }, { sanitizer, seconds, runs }) {
  // A given number of runs always has the same inputs, so it does not use the corpus of earlier runs.
  const corpus = runs === undefined ? path.join(root, 'fuzz', 'corpus', name) : path.join(folder, 'corpus', name);
  if (runs !== undefined) {
    rmSync(corpus, { recursive: true, force: true });
  }
  mkdirSync(corpus, { recursive: true });
  for (const seed of await seeds()) {
    writeFileSync(path.join(corpus, createHash('sha1').update(seed).digest('hex')), seed);
  }

  const row = { executions: 0, coverage: 0, corpus: 0, seconds: 0, finding: 'none' };
  const read = (line) => {
    readProgress(line, row);
    if (!/^#\d+\s+(NEW|REDUCE|RELOAD|pulse)|^(INFO|WARNING|NOTE|stat::|#{6}|")/.test(line)) {
      console.log(line);
    }
  };
  const limits = [
    `-max_len=${maxBytes}`,
    '-timeout=10',
    '-rss_limit_mb=2048',
    '-print_final_stats=1',
    '-print_funcs=0',
    ...(seconds === undefined ? [] : [`-max_total_time=${seconds}`]),
    ...(runs === undefined ? [] : [`-runs=${runs}`, '-seed=1']),
  ];
  const command = [program, 'fuzz', 'run', ...buildOptions(sanitizer), name, corpus, '--', ...limits];
  const start = performance.now();
  try {
    // libFuzzer writes to standard error.
    await run('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command], {
      env: environment(sanitizer),
      output: read,
      title: `cargo fuzz run ${name}`,
    });
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    console.error(error.message);
    if (row.finding === 'none') {
      row.finding = 'it did not finish';
    }
  }
  row.seconds = Math.round((performance.now() - start) / 1000);
  return row;
}

/** Reads a line of libFuzzer's output: its progress, its statistics, or the file of a finding. */
function readProgress(line, row) {
  const progress = /^#\d+\s+\w+\s+cov: (\d+) .*corp: (\d+)\//.exec(line);
  if (progress) {
    [row.coverage, row.corpus] = progress.slice(1).map(Number);
  }
  row.executions = Number(/^stat::number_of_executed_units:\s+(\d+)/.exec(line)?.[1] ?? row.executions);
  // libFuzzer also saves slow inputs, which are not failures.
  const artifact = /Test unit written to (.+)$/.exec(line)?.[1];
  if (artifact !== undefined && !path.basename(artifact).startsWith('slow-unit')) {
    row.finding = path.relative(root, artifact);
  }
}
