import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../../../scripts/build/command.mjs';
import { cargoOptions } from '../cargo-options.mjs';

const home = path.join(root, 'target', 'criterion', 'run');
const names = [
  'trivial/pooled',
  'trivial/on-demand',
  'rust/200 B',
  'rust/5 KB',
  'rust/100 KB',
  'zig/200 B',
  'assemblyscript/200 B',
  'memory touched/0 KiB',
  'memory touched/64 KiB',
  'memory touched/256 KiB',
  'memory touched/1024 KiB',
  'in turns/64 plugins',
  'in turns/16 plugins',
  'in turns/256 plugins',
];

/**
 * What a call costs on one thread, without Node.js around it: microseconds by the name of the benchmark in
 * crates/host/benches/cell.rs.
 *
 * @param {{ seconds: number }} plan how long each is measured
 * @returns {Promise<Map<string, number>>}
 */
export async function measureCells({ seconds }) {
  const filter = `^(${names.join('|')})$`;
  const times = ['--warm-up-time', String(seconds / 4), '--measurement-time', String(seconds), '--sample-size', '20'];
  const bench = ['bench', '--quiet', ...cargoOptions, '--bench', 'cell'];
  await run('cargo', [...bench, '--no-run']);
  // Built, it has no more to say than what it does.
  await run('cargo', [...bench, '--', ...times, filter], {
    env: { ...process.env, CRITERION_HOME: home },
    errors: 'ignore',
    output: 'capture',
    title: 'cargo bench',
  });
  return new Map(names.map((name) => [name, readMedian(name)]));
}

function readMedian(name) {
  const file = path.join(home, ...name.split('/'), 'new', 'estimates.json');
  if (!existsSync(file)) {
    throw new Error(`criterion has left no estimate of ${name}`);
  }
  return JSON.parse(readFileSync(file, 'utf8')).median.point_estimate / 1_000;
}
