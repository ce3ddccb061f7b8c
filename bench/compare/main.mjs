// What a call costs, compared with the alternatives in one run: an empty hop to a thread of libuv's pool, V8 with a fresh
// instance per call, the same behind piscina, Extism, and isolated-vm. Then what it costs as memory grows, around large calls,
// in the host crate without Node.js, by phases, with more hooks at once, and in Express; and what loads cost.
//
//   npm run bench [-- [--quick] [--only NAME]… [--with isolated-vm]]
//
// --quick gives rough figures in about a minute. --only measures the subjects whose name contains NAME; `memory`,
// `large calls`, `loads`, `cells`, `phases`, `concurrency`, `telemetry` and `express` are names too. --with isolated-vm installs that peer
// first, which compiles C++ for a minute; later runs find it. Only a run without --quick and --only writes to bench/results/.

import { CommandError, main } from '../../scripts/build/command.mjs';
import { measureCells } from './measures/cells.mjs';
import { measureConcurrency } from './measures/concurrency.mjs';
import { readEnvironment } from './environment.mjs';
import { measureExpress } from './express/load.mjs';
import { measureLargeCalls } from './measures/large-calls.mjs';
import { measureLoads } from './measures/loads.mjs';
import { installIsolatedVm } from './peers/isolated-vm.mjs';
import { memory, memoryNames } from './subjects/memory.mjs';
import { readOptions } from './options.mjs';
import { measurePhases } from './measures/phases.mjs';
import { report } from './report/report.mjs';
import { Results } from './results.mjs';
import { measureTelemetry } from './measures/telemetry.mjs';
import { measureInTurns } from './measures/rounds.mjs';
import { hookcellNames } from './subjects/hookcell.mjs';
import { groups } from './subjects/subjects.mjs';
import { printTable } from '../table.mjs';
import { writeResults } from './report/written.mjs';

/** The latencies whose difference is what another thread costs. */
const phased = [hookcellNames.trivial, hookcellNames.trivialSync];

/** What takes a while to set up: its name, its member of the plan and of the results, and what measures it. */
const parts = [
  ['large calls', 'largeCalls', measureLargeCalls],
  ['loads', 'loads', measureLoads],
  ['concurrency', 'concurrency', measureConcurrency],
  ['telemetry', 'telemetry', measureTelemetry],
  ['express', 'express', measureExpress],
];

const start = performance.now();

await main(async () => {
  const { plan, isQuick, isWanted, wantsSubjects, only, installs } = readOptions();
  if (installs.length > 0) {
    await step('installing isolated-vm', installIsolatedVm);
  }
  const before = readEnvironment();

  const cells = isWanted('cells') ? await step('cells', () => measureCells({ seconds: plan.cellSeconds })) : new Map();
  const series = await measureSubjects(wantsSubjects ? groups : [], isWanted, plan);
  const inMemory = await measureSubjects(memoryNames.all.some(isWanted) ? [memory] : [], isWanted, plan.memory);
  const results = new Results({ series, memory: inMemory, cells });
  if (isWanted('phases') && phased.every((name) => results.has(name))) {
    results.phases = await step('phases', () => measurePhases((name) => results.least(name, 1, 'p50')));
  }
  for (const [name, member, measureIt] of parts) {
    if (isWanted(name)) {
      results[member] = await step(name, () => measureIt(plan[member]));
    }
  }
  if (results.isEmpty) {
    throw new CommandError(`no benchmark is named ${only.join(' or ')}`);
  }

  results.isWhole = only.length === 0;
  results.environment = {
    ...before,
    isQuick,
    rounds: plan.rounds,
    msPerRound: plan.ms,
    loadAfter: readEnvironment().load,
  };
  const { where, sections } = report(results);
  console.log(`\n${where}`);
  for (const { title, heading, rows, left } of sections) {
    console.log(`\n${title}\n`);
    printTable(heading, rows, { left });
  }
  if (!isQuick && only.length === 0) {
    console.log(`\nwritten: ${writeResults(results).join(', ')}`);
  }
});

async function measureSubjects(all, isWanted, { rounds, ms }) {
  const opened = [];
  try {
    for (const group of all) {
      opened.push(await step(group.name, () => group.open(say)));
    }
    const subjects = opened.flatMap((group) => group.subjects).filter(({ name }) => isWanted(name));
    return await measureInTurns(subjects, { rounds, ms, say });
  } finally {
    await Promise.all(opened.map((group) => group.close()));
  }
}

function step(name, work) {
  say(name);
  return work();
}

function say(text) {
  console.log(`${((performance.now() - start) / 1_000).toFixed(0).padStart(4)} s  ${text}`);
}
