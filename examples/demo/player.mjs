import { exchange } from './exchange.mjs';
import { meanwhile, scenarios } from './scenarios.mjs';
import { count, duration } from './terminal.mjs';
import { Transcript } from './transcript.mjs';

/** @typedef {import('./exchange.mjs').Exchange} Exchange */

/**
 * Plays every scenario, and prints the results.
 *
 * @param {import('./exchange.mjs').Setting} setting
 * @returns {Promise<{ exchanges: Exchange[], served: Exchange[] }>} all exchanges, and those that ended while the
 * plugin of another tenant was looping
 */
export async function playScenarios(setting) {
  const transcript = new Transcript();
  console.log();
  transcript.printLegend();
  const exchanges = [];
  for (const { title, steps } of scenarios) {
    transcript.begin(title);
    for (const step of steps) {
      const made = await exchange(step, setting);
      transcript.printExchange(made);
      exchanges.push(made);
    }
  }

  transcript.begin(meanwhile.title);
  const { stopped, served, last } = await playMeanwhile(setting);
  transcript.printExchange(stopped);
  if (served.length > 0) {
    printServed(transcript, served);
  }
  return { exchanges: [...exchanges, stopped, ...served, last], served };
}

/** Sends ordinary requests, one after the other, while a hostile one runs. */
async function playMeanwhile(setting) {
  const over = new AbortController();
  async function loop() {
    try {
      return await exchange(meanwhile.hostile, setting);
    } finally {
      over.abort();
    }
  }
  async function serve() {
    const made = [];
    while (!over.signal.aborted) {
      made.push(await exchange(meanwhile.ordinary(made.length + 1), setting));
    }
    return made;
  }
  const [stopped, ordinary] = await Promise.all([loop(), serve()]);
  // The loop was stopped during the last of them.
  const served = ordinary.slice(0, -1);
  if (served.length === 0) {
    stopped.surprises.push('no other request was answered in the meantime');
  }
  return { stopped, served, last: ordinary.at(-1) };
}

/** Prints many exchanges as one, with the figures of the one with the median time. */
function printServed(transcript, served) {
  const byTime = served.toSorted((one, other) => one.answer.ms - other.answer.ms);
  const { step, answer, hooks } = byTime[Math.floor(byTime.length / 2)];
  transcript.printRow({ number: `×${served.length}`, request: 'POST /users', tenant: step.tenant, answer, hooks });
  const slowest = duration(byTime.at(-1).answer.ms);
  transcript.printNote('times', `${count(served.length, 'request')}, one after the other; the slowest took ${slowest}`);
  transcript.printSurprises(served.flatMap(({ surprises }) => surprises));
}
