import { run } from '../build/command.mjs';
import { emptyTally, parse, withFailure } from './tally.mjs';

/** The example plugins in pdk/, on the built package. */
export const plugins = {
  name: 'plugins',

  /** @param {string[]} args for scripts/build-plugins.mjs */
  async test(args) {
    let tally;
    const output = (line) => {
      console.log(line);
      tally = parse(line) ?? tally;
    };
    try {
      await run(process.execPath, ['scripts/build-plugins.mjs', '--run', ...args], { output });
      return tally ?? withFailure(emptyTally());
    } catch (error) {
      console.error(error.message);
      return withFailure(tally ?? emptyTally());
    }
  },
};
