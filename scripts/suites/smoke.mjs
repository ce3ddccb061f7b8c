import path from 'node:path';
import { root, run } from '../build/command.mjs';
import { runtimeProgram } from '../build/runtimes.mjs';
import { emptyTally, parse, sum, withFailure } from './tally.mjs';

/** The built package on other runtimes: calls, chains, faults, deadlines, signals and `isolate`. */
export const smoke = {
  name: 'smoke',

  /** @param {string[]} runtimes `bun`, `deno` and major versions of Node.js */
  async test(runtimes) {
    const tallies = [];
    for (const runtime of runtimes) {
      tallies.push(await testOn(runtime));
    }
    return sum(tallies);
  },
};

async function testOn(runtime) {
  let tally;
  const output = (line) => {
    console.log(`  ${line}`);
    tally = parse(line) ?? tally;
  };
  try {
    const { program, args, version } = await runtimeProgram(runtime);
    console.log(version);
    const script = path.join(root, 'scripts', 'smoke', 'main.mjs');
    await run(program, [...args, script], { output, title: `the smoke test on ${version}` });
    return tally ?? withFailure(emptyTally());
  } catch (error) {
    console.error(error.message);
    return withFailure(tally ?? emptyTally());
  }
}
