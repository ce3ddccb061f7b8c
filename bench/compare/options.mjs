import { parseArgs } from 'node:util';
import { CommandError } from '../../scripts/build/command.mjs';

const usage = 'usage: npm run bench [-- [--quick] [--only NAME]… [--with isolated-vm]]';

/** How long everything is measured: about 8 minutes, or 1 with --quick. */
const full = {
  rounds: 7,
  ms: 250,
  cellSeconds: 2,
  memory: { rounds: 5, ms: 200 },
  largeCalls: { rounds: 3, ms: 1_000, idleMs: 5_000 },
  loads: { ms: 1_500, processes: 9, counts: [1, 100, 10_000], callMs: 1_000 },
  concurrency: { rounds: 3, ms: 500 },
  telemetry: { rounds: 12, ms: 250 },
  express: { rounds: 3, seconds: 4 },
};
const quick = {
  rounds: 3,
  ms: 30,
  cellSeconds: 0.2,
  memory: { rounds: 3, ms: 25 },
  largeCalls: { rounds: 1, ms: 150, idleMs: 1_000 },
  loads: { ms: 300, processes: 3, counts: [1, 100, 1_000], callMs: 150 },
  concurrency: { rounds: 1, ms: 100 },
  telemetry: { rounds: 6, ms: 50 },
  express: { rounds: 1, seconds: 1 },
};

/** What `--only` selects that is not one of the subjects in groups, which take a while to set up. */
const apart = new Set(['memory', 'large calls', 'loads', 'cells', 'concurrency', 'telemetry', 'express']);

/**
 * Reads the command line.
 *
 * @returns {{ plan: typeof full, isQuick: boolean, isWanted: (name: string) => boolean, wantsSubjects: boolean,
 *   only: string[], installs: string[] }} `installs`: the peers to install first
 */
export function readOptions() {
  const { quick: isQuick, only, with: installs } = parse();
  const wanted = only.map((name) => name.toLowerCase());
  const unknown = installs.find((name) => name !== 'isolated-vm');
  if (unknown !== undefined) {
    throw new CommandError(`${unknown} is no peer that this can install\n${usage}`);
  }
  return {
    plan: isQuick ? quick : full,
    isQuick,
    only,
    installs,
    wantsSubjects: only.length === 0 || only.some((name) => !apart.has(name)),
    isWanted: (name) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part)),
  };
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        with: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (cause) {
    throw new CommandError(`${cause.message}\n${usage}`, { cause });
  }
}
