// Runs jobs on machines that fail, and checks that none is lost: workers and Redis are killed, the network is cut, and clocks are
// wrong.
//
//   npm run cluster [-- --jobs 10000]

import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pluginAnswering } from 'hookcell/testing';
import { Cluster } from './cluster.mjs';
import { installRedis } from './install-servers.mjs';

/** How many jobs are added at the same time. */
const TOGETHER = 50;
/** How long the machines may take for a job, beside this much for what goes wrong. */
const MS_A_JOB = 30;
const MS_FOR_TROUBLE = 90_000;

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '10000' }, full: { type: 'boolean', default: false } },
});
const jobs = Number(values.jobs);

if (!Number.isInteger(jobs) || jobs < 100) {
  throw new RangeError('--jobs takes a whole number from 100');
}
if (installRedis()) {
  await main();
} else {
  console.log(values.full ? '0 passed, 1 failed' : '0 passed, 0 failed, 1 skipped');
  process.exitCode = values.full ? 1 : 0;
}

async function main() {
  const cluster = new Cluster(2_000);
  const checks = [];
  const check = (text, holds) => {
    checks.push(holds);
    console.log(`${holds ? 'ok    ' : 'FAILED'} ${text}`);
  };
  try {
    const started = performance.now();
    await cluster.start(pluginAnswering({ ok: true, ctx: { data: { rich: true } } }));
    const machines = [
      {},
      { behindNetwork: true },
      { skewMs: Cluster.skews.ahead },
      { skewMs: Cluster.skews.behind, behindNetwork: true },
    ];
    for (const machine of machines) {
      await cluster.addWorker(machine);
    }
    const adding = addAll(cluster);
    const trouble = makeTrouble(cluster, machines);
    await adding;
    await trouble;
    const deadline = performance.now() + jobs * MS_A_JOB + MS_FOR_TROUBLE;
    while (missing(cluster).length > 0 && performance.now() < deadline) {
      await setTimeout(200);
    }
    const lost = missing(cluster);
    const lines = cluster.applied();
    const dead = lines.filter((line) => line.dead !== undefined);
    const wrong = lines.filter(
      ({ key, given, data, dead: isDead }) =>
        isDead === undefined && (`order-${given.id}` !== key || data.rich !== true),
    );
    const repeated = lines.length - new Set(lines.map(({ key }) => key)).size;
    check(`${cluster.acknowledged.size} of ${jobs} jobs were acknowledged`, cluster.acknowledged.size === jobs);
    check(`${lost.length} of them are lost ${lost.slice(0, 3).join(' ')}`.trim(), lost.length === 0);
    check(`${dead.length} of them are dead ${dead[0]?.dead ?? ''}`.trim(), dead.length === 0);
    check(`${wrong.length} results belong to another job`, wrong.length === 0);
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    console.log(`       ${repeated} results came twice, with the key of the first; it took ${seconds} s`);
  } finally {
    await cluster.stop();
  }
  const failed = checks.filter((holds) => !holds).length + (checks.length === 0 ? 1 : 0);
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}

async function addAll(cluster) {
  let next = 0;
  const adder = async () => {
    while (next < jobs) {
      const number = next;
      next += 1;
      await cluster.add(number);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, adder));
}

/** What goes wrong, each when a part of the jobs is done. */
async function makeTrouble(cluster, machines) {
  const steps = [
    [0.1, 'kill a worker', () => cluster.killWorker(0, machines[0])],
    [0.25, 'kill Redis and start it again', () => cluster.killRedis(500)],
    [0.4, 'cut the network for 4 seconds', () => cluster.cutNetwork(4_000)],
    [0.55, 'kill a worker whose clock is an hour ahead', () => cluster.killWorker(2, machines[2])],
    [0.7, 'kill Redis again', () => cluster.killRedis(2_000)],
    [0.85, 'kill all workers', () => Promise.all(machines.map((machine, index) => cluster.killWorker(index, machine)))],
  ];
  for (const [part, text, act] of steps) {
    while (cluster.applied().length < jobs * part) {
      await setTimeout(50);
    }
    console.log(`       ${text}`);
    await act();
  }
}

function missing(cluster) {
  const applied = new Set(cluster.applied().map(({ key }) => key));
  return [...cluster.acknowledged].filter((key) => !applied.has(key));
}
