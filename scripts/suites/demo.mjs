import { run } from '../build/command.mjs';
import { emptyTally, withFailure } from './tally.mjs';

/** The demo, which checks its own responses. */
export const demo = {
  name: 'demo',

  /** @param {string[]} args for examples/demo/main.mjs */
  async test(args) {
    try {
      // An empty DATABASE_URL means the embedded database.
      const env = { ...process.env, DATABASE_URL: '' };
      await run(process.execPath, ['examples/demo/main.mjs', ...args], { output: console.log, env });
      return { ...emptyTally(), passed: 1 };
    } catch (error) {
      console.error(error.message);
      return withFailure(emptyTally());
    }
  },
};
