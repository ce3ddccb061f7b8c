// Two servers and a worker run the plugins of two tenants. Meanwhile the manifest changes, and a script counts what it gets.
//
//   node main.mjs [--without-redis]
//
// It ends by itself in less than half a minute, with exit code 1 if anything was lost.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Machine } from './machine.mjs';
import { Manifest } from './manifest.mjs';
import { scrapeCalls } from './metrics.mjs';
import { missingForJobs, startRedis } from './redis.mjs';
import { Traffic } from './traffic.mjs';

const JOBS = 50;
const MOST_MS = 60_000;

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-orders-'));
const machines = [];
let redis;
let failed = 0;

const deadline = setTimeout(() => {
  console.error(`FAILED it takes longer than ${MOST_MS / 1_000} s`);
  clean();
  process.exit(1);
}, MOST_MS);

try {
  await main();
} catch (error) {
  failed += 1;
  console.error(`FAILED ${error.stack}`);
} finally {
  clearTimeout(deadline);
  clean();
}
console.log(failed === 0 ? '\nNothing was lost.' : `\n${failed} checks failed.`);
process.exitCode = failed > 0 ? 1 : 0;

async function main() {
  const missing = process.argv.includes('--without-redis') ? 'it is turned off' : await missingForJobs();
  const plugins = path.join(folder, 'plugins');
  const cacheDir = path.join(folder, 'cache');
  const manifest = new Manifest(plugins);
  const { bytes } = await manifest.build(cacheDir);
  await manifest.write('1', 10);
  say(`acme's plugin in TypeScript is built: ${Math.round(bytes / 1_000)} KB. globex has one in Rust.`);

  if (missing === undefined) {
    redis = await startRedis(folder);
  }
  const settings = { plugins, cacheDir, redisPort: redis?.port };
  const servers = [await startServer('a', settings), await startServer('b', settings)];
  const ports = servers.map(({ port }) => port);
  const traffic = new Traffic(ports);
  traffic.start();
  say('orders go to both servers, 8 at a time');
  await changeVersions(
    manifest,
    servers.map(({ machine }) => machine),
    traffic,
  );
  await traffic.stop();
  await countAll(traffic, ports);
  say('');
  if (missing === undefined) {
    await runJobs(traffic, settings);
  } else {
    say(`SKIPPED the hook as a job: ${missing}`);
  }
  const codes = await Promise.all(machines.map((machine) => machine.stop()));
  check(
    codes.every((code) => code === 0),
    `${codes.length} processes ended when they were told to`,
  );
}

async function startServer(name, settings) {
  const machine = start('server.mjs', { ...settings, name, storeDir: path.join(folder, `store-${name}`) });
  const { port, loads } = await machine.message((message) => message.port !== undefined);
  const times = loads.map(
    ({ key, codeFrom, loadedInMs }) => `${path.basename(key)} in ${loadedInMs.toFixed(0)} ms (${codeFrom})`,
  );
  say(`server ${name} is on port ${port}: ${times.join(', ')}`);
  return { machine, port };
}

/** A version arrives, one is refused, and one is rolled back, while orders come in. */
async function changeVersions(manifest, servers, traffic) {
  const all = (isIt) => Promise.all(servers.map((server) => server.message(isIt)));
  report('acme has', await traffic.count(400), '10 %');

  say('\nThe manifest gives acme 20 % instead of 10.');
  await manifest.write('2', 20);
  await all(({ swapped }) => swapped !== undefined);
  report('both servers have swapped it in, and acme has', await traffic.count(400), '20 %');

  say('\nThe manifest gives acme 90 %, which the plugin itself refuses.');
  await manifest.write('3', 90);
  const [{ refused }] = await all((message) => message.refused !== undefined);
  say(`both servers say: ${refused}`);
  report('the old version goes on, and acme has', await traffic.count(400), '20 %');

  say('\nAn operator goes back to the version before, on each server.');
  for (const server of servers) {
    server.send('rollback');
  }
  await all(({ rolledBack }) => rolledBack !== undefined);
  report('acme has', await traffic.count(400), '10 %');
}

/** What the script counted, beside what the servers counted. */
async function countAll({ sent, lost }, ports) {
  say('');
  check(lost.length === 0, `${sent} orders, ${lost.length} lost or wrong ${lost[0] ?? ''}`.trim());
  const calls = await scrapeCalls(ports);
  const accepted = (calls.get('discount accepted') ?? 0) + (calls.get('normalize accepted') ?? 0);
  say(`metrics of both servers: ${[...calls].map(([key, count]) => `${key} ${count}`).join(', ')}`);
  check(accepted === sent, `the metrics have ${accepted} accepted calls, one for each order`);
}

/** The after hook of acme's plugin runs on a worker, after the response. */
async function runJobs(traffic, settings) {
  const worker = start('worker.mjs', settings);
  await worker.message((message) => message === 'ready');
  const placed = await Promise.all(
    Array.from({ length: JOBS }, (_, index) => traffic.order(2 * index, { member: true })),
  );
  const wanted = new Set(placed.map(({ order }) => `order-${order.id}`));
  const points = [];
  while (wanted.size > 0) {
    const { key, data } = await worker.message((message) => wanted.has(message.key));
    wanted.delete(key);
    points.push(data.points);
  }
  check(
    points.length === JOBS && points.every((each) => each === 9),
    `${JOBS} orders of members were answered, and a worker gave each its ${points[0]} points through Redis`,
  );
}

function start(file, settings) {
  const machine = new Machine(file, settings);
  machines.push(machine);
  return machine;
}

function clean() {
  for (const machine of machines) {
    machine.kill();
  }
  redis?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function say(text) {
  console.log(text === '' ? '' : text.replace(/^(\n?)/, '$1  '));
}

function check(holds, text) {
  failed += holds ? 0 : 1;
  console.log(`${holds ? 'ok' : 'FAILED'} ${text}`);
}

/** The discounts of orders that began after a change are those that it gives. */
function report(text, discounts, wanted) {
  const shown = Object.entries(discounts).map(([percent, orders]) => `${percent} on ${orders} orders`);
  check(Object.keys(discounts).join() === wanted, `${text} ${shown.join(', ')}`);
}
