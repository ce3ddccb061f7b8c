import { setTimeout as sleep } from 'node:timers/promises';
import { installRedis } from '../../cluster/install-servers.mjs';
import { printTable } from '../../bench/table.mjs';
import { Random } from '../random.mjs';
import { Site } from './site.mjs';
import { Trouble } from './trouble.mjs';

/** How long workers may take for the jobs that are left. */
const PATIENCE_MS = 120_000;
const SHOWN = 3;

/**
 * Two servers and two workers under load, while versions come and go, workers are killed and Redis restarts.
 *
 * @returns {Promise<boolean>} was nothing lost, mixed up, or applied twice without being told?
 */
export async function soakProduction({ seconds, seed }) {
  if (!installRedis()) {
    console.log('SKIPPED: there is no redis-server');
    return true;
  }
  const site = new Site();
  try {
    await site.start();
    const trouble = new Trouble(site, new Random(seed));
    site.orders.start();
    await trouble.make(seconds * 1_000);
    await site.orders.stop();
    await untilApplied(site);
    const endings = await site.stop();
    return report(site, trouble, endings);
  } finally {
    await site.remove();
  }
}

async function untilApplied(site) {
  const end = performance.now() + PATIENCE_MS;
  while (missing(site).length > 0 && performance.now() < end) {
    await sleep(200);
  }
}

function missing(site, lines = site.applied()) {
  const applied = new Set(lines.map(({ key }) => key));
  return [...site.orders.acknowledged].filter((key) => !applied.has(key));
}

function report(site, { counts, wrong }, endings) {
  const { orders } = site;
  const lines = site.applied();
  const results = lines.filter(({ dead }) => dead === undefined);
  const repeated = repeats(results);
  const notEnded = endings.filter((ending) => ending !== 'exit code 0');
  printTable(
    ['what happened', 'times'],
    [
      ...counts,
      ['orders', orders.sent],
      ['jobs', orders.acknowledged.size],
      ['results that came twice', repeated.length],
    ].map(([name, count]) => [name, count.toLocaleString('en')]),
  );
  const faults = {
    'orders lost': orders.lost,
    'jobs lost': missing(site, results),
    'answers mixed up': orders.mixed,
    'results mixed up': results.filter(({ key, given, data }) => key !== `order-${given.id}` || data.job !== given.id),
    'applied twice without being told': repeats(results.filter(({ earlierStarts }) => earlierStarts === 0)),
    'changes with a wrong effect': wrong,
    'servers that did not end': notEnded,
  };
  console.log();
  printTable(
    ['must be zero', 'count'],
    Object.entries(faults).map(([name, list]) => [name, list.length.toLocaleString('en')]),
  );
  for (const [name, list] of Object.entries(faults)) {
    for (const each of list.slice(0, SHOWN)) {
      console.log(`${name}: ${typeof each === 'string' ? each : JSON.stringify(each)}`);
    }
  }
  return Object.values(faults).every(({ length }) => length === 0) && orders.sent > 0 && orders.acknowledged.size > 0;
}

/** All results of a job but one. The journals do not say which worker was first; `earlierStarts` does. */
function repeats(results) {
  const seen = new Set();
  return results.filter(({ key }) => {
    const isAgain = seen.has(key);
    seen.add(key);
    return isAgain;
  });
}
