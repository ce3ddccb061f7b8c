import { printTable } from '../bench/table.mjs';

const MS_PER_MINUTE = 60_000;

/** @typedef {import('./load/ledger.mjs').Ledger} Ledger */

/** A line of progress. */
export function printProgress(seconds, ledger, { settled, resident }) {
  const { sent, open, lost, mixedUp, unexpected } = ledger;
  console.log(
    `${Math.round(seconds).toString().padStart(5)} s   ${number(sent)} requests, ${number(settled)} calls, ` +
      `${open} requests under way, ${lost} lost, ${mixedUp} mixed up, ${unexpected} unexpected, ${megabytes(resident)}`,
  );
}

/**
 * Prints the results.
 *
 * @param {object} results
 * @param {Ledger} results.ledger
 * @param {object} results.idle the server's figures without load
 * @param {object} results.loaded its figures under load
 * @param {object[]} results.samples of its memory
 * @param {string} results.ending how the server ended
 * @returns {boolean} did the server pass?
 */
export function printReport({ ledger, idle, loaded, samples, ending }) {
  printRequests(ledger);
  printOutcomes('calls, by outcome', loaded.calls);
  printOutcomes('loads, by outcome', loaded.loads);
  printMeasures(idle, loaded);
  printDeadlines(loaded);
  printMemory(samples);
  const faults = {
    'requests lost': ledger.lost,
    'calls lost': loaded.started - loaded.settled,
    'answers mixed up': ledger.mixedUp,
    'unexpected outcomes': ledger.unexpected,
    'stopped before the deadline': loaded.stoppedEarly,
    'usage that cannot be': loaded.impossibleUsages,
  };
  printTable(
    ['must be zero', 'count'],
    Object.entries(faults).map(([name, count]) => [name, number(count)]),
  );
  console.log(`\nThe server ended with ${ending}.`);
  return ending === 'exit code 0' && Object.values(faults).every((count) => count === 0);
}

function printRequests({ sent, kinds }) {
  const rows = [...kinds].toSorted(([, one], [, other]) => other.sent - one.sent);
  const dropped = rows.reduce((sum, [, counts]) => sum + counts.dropped, 0);
  console.log();
  printTable(
    ['requests', 'sent', 'dropped by the client'],
    [...rows, ['all', { sent, dropped }]].map(([kind, counts]) => [kind, number(counts.sent), number(counts.dropped)]),
  );
}

function printOutcomes(heading, counts) {
  const rows = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  const all = rows.reduce((sum, [, count]) => sum + count, 0);
  console.log();
  printTable(
    [heading, 'count'],
    [...rows, ['all', all]].map(([name, count]) => [name, number(count)]),
  );
}

function printMeasures(idle, loaded) {
  const rows = [
    ['event-loop delay', 'loop'],
    ['processor time of the event loop between ticks of 5 ms', 'turns'],
    ['fs.readFile of a small file', 'reads'],
    ['a sleeping thread wakes late by', 'wakeUps'],
  ];
  console.log();
  printTable(
    ['the process', 'idle p99', 'idle worst', 'loaded p50', 'loaded p99', 'loaded worst'],
    rows.map(([name, key]) => {
      const figures = [idle[key].p99, idle[key].max, loaded[key].median, loaded[key].p99, loaded[key].max];
      return [name].concat(figures.map(milliseconds));
    }),
  );
}

function printDeadlines({ loops, fills, terminatedWorkers, slowestWorkerEnd }) {
  const figures = ({ count, median, p99, max }) => [number(count), ...[median, p99, max].map(milliseconds)];
  console.log();
  printTable(
    ['over the deadline by', 'calls', 'p50', 'p99', 'worst'],
    [
      ['loops: runMs - timeoutMs', ...figures(loops.run)],
      ['loops, as the caller saw it, without queueMs', ...figures(loops.wall)],
      ['12 MiB of memory.fill: runMs - timeoutMs', ...figures(fills.run)],
      ['12 MiB of memory.fill, as the caller saw it', ...figures(fills.wall)],
    ],
  );
  console.log(
    `\n${terminatedWorkers} worker threads were terminated with calls under way; the last to end took ` +
      `${milliseconds(slowestWorkerEnd)}.`,
  );
}

function printMemory(samples) {
  const [first] = samples;
  const last = samples.at(-1);
  const rows = [
    ['resident', 'resident'],
    ["without V8's spare room", 'held'],
    ['JavaScript objects', 'objects'],
  ];
  console.log();
  printTable(
    ['memory', 'after the warm-up', 'at the end', 'largest', 'a minute'],
    rows.map(([name, key]) => {
      const largest = Math.max(...samples.map((sample) => sample[key]));
      const figures = [first[key], last[key], largest, slope(samples, key) * MS_PER_MINUTE];
      return [name].concat(figures.map(megabytes));
    }),
  );
  console.log();
}

/** Bytes per millisecond, by least squares. */
function slope(samples, key) {
  const meanAt = mean(samples.map(({ at }) => at));
  const meanBytes = mean(samples.map((sample) => sample[key]));
  const covariance = mean(samples.map((sample) => (sample.at - meanAt) * (sample[key] - meanBytes)));
  return covariance / mean(samples.map(({ at }) => (at - meanAt) ** 2));
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function number(value) {
  return value.toLocaleString('en');
}

function milliseconds(ms) {
  return `${ms.toFixed(2)} ms`;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
