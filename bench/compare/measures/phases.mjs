import { run } from '../../../scripts/build/command.mjs';
import { cargoPackages } from '../cargo-packages.mjs';
import { order } from '../orders.mjs';
import { floorNames } from '../subjects/floor.mjs';
import { hookcellNames } from '../subjects/hookcell.mjs';
import { median } from '../../table.mjs';

/** Calls that are timed together, since a single one is shorter than the clock's step. */
const BATCH = 1_000;
const BATCHES = 50;

/** What ends each phase in the host crate, by the name of its trace event, and what it is called here. */
const hostPhases = new Map([
  ['found', 'plugin, hook and limits found'],
  ['opened', 'store made, deadline set'],
  ['instantiated', 'instance from the pool'],
  ['allocated', 'alloc'],
  ['written', 'context copied into the guest'],
  ['answered', 'the hook'],
  ['checked', 'result checked'],
  ['read', 'result written as JSON'],
  ['dropped', 'cell dropped, its memory reset'],
]);

/**
 * Where the microseconds of one trivial call go, one call after the other. What has no clock of its own is the difference
 * of two latencies.
 *
 * @param {(name: string) => number} p50 the sequential latency of a subject, from the round that was disturbed least
 * @returns {Promise<{ where: string, phase: string, microseconds: number }[]>} the last one is the whole
 */
export async function measurePhases(p50) {
  const phases = await measureHost();
  const { stringify, parse } = measureJavaScript();
  const hop = p50(floorNames.empty);
  const copies = Math.max(0, p50(floorNames.json) - hop - stringify - parse);
  const whole = p50(hookcellNames.trivial);
  const known = [
    { where: 'JavaScript', phase: 'context written as JSON', microseconds: stringify },
    { where: 'Node.js', phase: 'to a thread of the pool and back (empty AsyncTask)', microseconds: hop },
    { where: 'addon', phase: 'as much text copied there and back (AsyncTask with the JSON)', microseconds: copies },
    // An event without a name here is shown by its own: it must not cost the whole run its figures.
    ...phases.map(([name, microseconds]) => ({ where: 'host', phase: hostPhases.get(name) ?? name, microseconds })),
  ];
  const rest = known.reduce((left, { microseconds }) => left - microseconds, whole);
  return [
    ...known,
    {
      where: '',
      phase: 'the rest: checks, queue, promises, reply read, caches cold after the hop',
      microseconds: rest,
    },
    { where: '', phase: 'the whole call, p50', microseconds: whole },
  ];
}

async function measureHost() {
  const args = ['bench', '--quiet', '--locked', ...cargoPackages, '--bench', 'phases'];
  const output = await run('cargo', args, { output: 'capture', title: 'cargo bench' });
  return JSON.parse(output).phases;
}

function measureJavaScript() {
  const context = order(0);
  const text = JSON.stringify(context);
  return {
    stringify: time(() => JSON.stringify(context)),
    // The floor parses what it gets back. The reply of a trivial plugin has no text.
    parse: time(() => JSON.parse(text)),
  };
}

function time(work) {
  const times = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const start = performance.now();
    for (let call = 0; call < BATCH; call += 1) {
      work();
    }
    times.push(((performance.now() - start) * 1_000) / BATCH);
  }
  return median(times);
}
