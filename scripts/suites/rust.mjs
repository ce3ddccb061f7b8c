import { stripVTControlCharacters } from 'node:util';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { pdk, workshop } from '../plugins/compiler.mjs';
import { emptyTally, sum, withFailure } from './tally.mjs';

const kit = path.join(pdk, 'rust');

/** The test files whose outcome could depend on the form that a plugin is compiled in: in one piece, or in halves. */
const inBothForms = [
  'bulk_memory',
  'chain',
  'code_cache',
  'hostile',
  'isolation',
  'limits',
  'log',
  'outcomes',
  'residue',
  'scenarios',
  'source_locations',
  'specification',
  'start_up',
];

/** The tests of every crate in the workspace, in the addon's profile so that wasmtime is built once, and those of the kit for plugins. */
export const rust = {
  name: 'rust',

  /** @param {string[]} args for `cargo test` */
  async test(args) {
    let tally = emptyTally();
    const output = (line) => {
      console.log(line);
      tally = sum([tally, readResult(stripVTControlCharacters(line))]);
    };
    const env = process.stdout.isTTY ? { ...process.env, CARGO_TERM_COLOR: 'always' } : process.env;
    const test = ['test', '--release', '--workspace', '--locked', '--no-fail-fast'];
    try {
      await run('cargo', [...test, ...args], { output, env });
      if (args.length === 0) {
        console.log('\nThe same with every plugin in halves:');
        const files = inBothForms.flatMap((file) => ['--test', file]);
        await run('cargo', [...test, ...files], { output, env: { ...env, HOOKCELL_TEST_SPLIT: 'always' } });
        console.log('\nThe kit for plugins in Rust:');
        await run('cargo', ['test', ...(await kitOptions())], { output, env, cwd: kit });
      }
      return tally;
    } catch (error) {
      console.error(error.message);
      return withFailure(tally);
    }
  },
};

/** The kit is a workspace of its own, whose target is WebAssembly. Its tests run on this machine. */
async function kitOptions() {
  const [, host] = /^host: (.+)$/m.exec(await run('rustc', ['-vV'], { cwd: kit, output: 'capture' }));
  return ['--package', 'hookcell-pdk', '--locked', '--target', host, '--target-dir', path.join(workshop, 'kit')];
}

// One such line for each test binary: `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; …`
function readResult(line) {
  const match = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line);
  return match ? { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) } : emptyTally();
}
