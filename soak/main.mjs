// Runs a server with good and hostile plugins at ten times the planned load, for any time. Clients check every response
// against their request.
//
//   npm run soak [-- [--minutes N | --seconds N] [--seed N]]     default: one minute, a new seed
//   npm run soak -- --production [the same]                      default: ten minutes
//
// --production runs servers that follow a manifest, with workers and a Redis, while versions come and go, are bad or rolled back,
// workers are killed and Redis restarts (production/).
//
// The server (server/) is a separate process, so that its measurements leave out the clients (load/) and its death is
// noticed. The seed decides what each client sends, but not in which order the requests arrive.
//
// Ends with exit code 1 if a request was lost, a response was mixed up or impossible for its request, or the server did not
// end by itself. Delays and memory are reported for the reader to judge.

import { setTimeout as sleep } from 'node:timers/promises';
import { Http } from './load/http.mjs';
import { Ledger } from './load/ledger.mjs';
import { Load } from './load/load.mjs';
import { readOptions, UsageError } from './options.mjs';
import { soakProduction } from './production/main.mjs';
import { printProgress, printReport } from './report.mjs';
import { ServerProcess } from './server-process.mjs';

/** A request without a response by then gets none, because every call and every wait has a deadline. */
const PATIENCE_MS = 90_000;
const IDLE_SHARE = 0.02;
const LEAST_IDLE_MS = 1_000;
/** The time in which heaps and pools grow to their size. */
const WARM_UP_SHARE = 0.2;
const SAMPLES = 40;
const LEAST_BETWEEN_SAMPLES_MS = 4_000;
const BETWEEN_PROGRESS_MS = 5_000;

try {
  const options = readOptions();
  console.log(`Node.js ${process.version}, ${process.platform}-${process.arch}, seed ${options.seed}`);
  process.exitCode = (await (options.production ? soakProduction : soak)(options)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

/** @returns {Promise<boolean>} did the server pass? */
async function soak({ seconds, seed }) {
  const server = new ServerProcess();
  const ledger = new Ledger();
  const http = new Http(await server.start(), PATIENCE_MS);
  const load = await Load.make(http, ledger, seed);
  try {
    await load.prepare();
    const idle = await measureIdle(server, seconds * 1_000);
    await load.sendEveryKind();
    await server.restart();

    load.start();
    const samples = await watch(server, ledger, seconds * 1_000);
    await load.stop();
    // Calls of clients that have disconnected may still run.
    const loaded = await server.readWhenSettled(PATIENCE_MS);
    http.close();
    const ending = await server.close(PATIENCE_MS);
    return printReport({ ledger, idle, loaded, samples, ending });
  } catch (error) {
    // A server that has died does not respond.
    console.error(error.message);
    return false;
  } finally {
    await load.stop();
    http.close();
    server.kill();
  }
}

async function measureIdle(server, ms) {
  await server.restart();
  await sleep(Math.max(LEAST_IDLE_MS, ms * IDLE_SHARE));
  return server.read();
}

/** Runs the load for this time, and samples the memory after the warm-up. */
async function watch(server, ledger, ms) {
  const start = performance.now();
  const samples = [];
  const betweenSamples = Math.max(LEAST_BETWEEN_SAMPLES_MS, (ms * (1 - WARM_UP_SHARE)) / SAMPLES);
  let nextSample = start + ms * WARM_UP_SHARE;
  let nextProgress = start + BETWEEN_PROGRESS_MS;
  const end = start + ms;
  while (performance.now() < end) {
    await sleep(Math.min(nextSample, nextProgress, end) - performance.now());
    if (performance.now() >= nextSample) {
      samples.push(await server.sampleMemory());
      nextSample += betweenSamples;
    }
    if (performance.now() >= nextProgress) {
      printProgress((performance.now() - start) / 1_000, ledger, await server.read());
      nextProgress += BETWEEN_PROGRESS_MS;
    }
  }
  samples.push(await server.sampleMemory());
  return samples;
}
