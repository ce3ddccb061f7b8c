import { run } from '../../../scripts/build/command.mjs';
import { cargoOptions } from '../cargo-options.mjs';
import { order } from '../orders.mjs';
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
 * of two latencies. A call finds its worker awake if calls follow one another, so an empty AsyncTask, which wakes one, is not a
 * part of it.
 *
 * @param {(name: string) => number} p50 the sequential latency of a subject, from the round that was disturbed least
 * @returns {Promise<{ where: string, phase: string, microseconds: number }[]>} the last one is the whole
 */
export async function measurePhases(p50) {
  const phases = await measureHost();
  const stringify = measureStringify();
  const whole = p50(hookcellNames.trivial);
  const blocking = p50(hookcellNames.trivialSync);
  const inHost = phases.reduce((sum, [, microseconds]) => sum + microseconds, 0);
  return [
    { where: 'JavaScript', phase: 'context written as JSON', microseconds: stringify },
    {
      where: 'JavaScript, addon',
      phase: 'the rest of callHookSync: checks, the text copied, the result read',
      microseconds: blocking - stringify - inHost,
    },
    // An event without a name here is shown by its own: it must not cost the whole run its figures.
    ...phases.map(([name, microseconds]) => ({ where: 'host', phase: hostPhases.get(name) ?? name, microseconds })),
    {
      where: 'Node.js, addon',
      phase: 'to a worker that is awake, and the event loop woken: queue, promises, caches cold after the way',
      microseconds: whole - blocking,
    },
    { where: '', phase: 'the whole call, p50', microseconds: whole },
  ];
}

async function measureHost() {
  const args = ['bench', '--quiet', ...cargoOptions, '--bench', 'phases'];
  const output = await run('cargo', args, { output: 'capture', title: 'cargo bench' });
  return JSON.parse(output).phases;
}

function measureStringify() {
  const context = order(0);
  return time(() => JSON.stringify(context));
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
