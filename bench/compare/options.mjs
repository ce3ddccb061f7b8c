import { parseArgs } from 'node:util';
import { CommandError } from '../../scripts/build/command.mjs';

const usage = 'usage: npm run bench [-- [--quick] [--only NAME]…]';

/** How long everything is measured: about 7 minutes, or 1 with --quick. */
const full = {
  rounds: 7,
  ms: 400,
  cellSeconds: 2,
  concurrency: { rounds: 3, ms: 500 },
  express: { rounds: 3, seconds: 4 },
};
const quick = {
  rounds: 3,
  ms: 40,
  cellSeconds: 0.3,
  concurrency: { rounds: 1, ms: 150 },
  express: { rounds: 1, seconds: 1 },
};

/**
 * Reads the command line.
 *
 * @returns {{ plan: typeof full, isQuick: boolean, isWanted: (name: string) => boolean, only: string[] }}
 */
export function readOptions() {
  const { quick: isQuick, only } = parse();
  const wanted = only.map((name) => name.toLowerCase());
  return {
    plan: isQuick ? quick : full,
    isQuick,
    only,
    isWanted: (name) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part)),
  };
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (cause) {
    throw new CommandError(`${cause.message}\n${usage}`, { cause });
  }
}
