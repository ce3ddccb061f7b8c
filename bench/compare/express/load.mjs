import { fork } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import { order } from '../orders.mjs';
import { median } from '../../table.mjs';

const CONNECTIONS = 16;
const routes = ['without', 'with'];

/**
 * Requests a second and their latencies, with a before hook and without one, in turns; over the loopback, with the load
 * in this process and the server in another.
 *
 * First as fast as the server answers. Then at half the rate that it managed with the hook, the same for both: there
 * latencies are counted from when a request was due, so that a pause is felt by all that it held up.
 *
 * @param {{ rounds: number, seconds: number }} plan `seconds`: of one route in one round, in each manner
 */
export async function measureExpress({ rounds, seconds }) {
  const server = fork(new URL('server.mjs', import.meta.url));
  try {
    const port = await Promise.race([portOf(server), endOf(server)]);
    return await measureRoutes((route, options) => load(`http://127.0.0.1:${port}/${route}`, options), {
      rounds,
      seconds,
    });
  } finally {
    server.kill();
  }
}

async function portOf(server) {
  const [port] = await once(server, 'message');
  return port;
}

async function endOf(server) {
  const [code] = await once(server, 'exit');
  throw new Error(`the server ended with exit code ${code}`);
}

async function measureRoutes(loadRoute, { rounds, seconds }) {
  for (const route of routes) {
    await loadRoute(route, { duration: 1 });
  }
  const fast = await inTurns(rounds, (route) => loadRoute(route, { duration: seconds }));
  const overallRate = Math.max(CONNECTIONS, Math.floor(median(fast.with.map(({ perSecond }) => perSecond)) / 2));
  const steady = await inTurns(rounds, (route) => loadRoute(route, { duration: seconds, overallRate }));

  const figures = Object.fromEntries(
    routes.map((route) => [
      route,
      {
        perSecond: median(fast[route].map(({ perSecond }) => perSecond)),
        p99: median(fast[route].map(({ p99 }) => p99)),
        steadyP99: median(steady[route].map(({ p99 }) => p99)),
      },
    ]),
  );
  const ratio = median(fast.with.map(({ perSecond }, round) => perSecond / fast.without[round].perSecond));
  return { ...figures, ratio, connections: CONNECTIONS, steadyRate: overallRate };
}

async function inTurns(rounds, measure) {
  const measured = Object.fromEntries(routes.map((route) => [route, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const route of routes) {
      measured[route].push(await measure(route));
    }
  }
  return measured;
}

async function load(url, options) {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order(0).input),
    ...options,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers that were not 2xx, ${result.errors} errors`);
  }
  return { perSecond: result.requests.total / result.duration, p99: result.latency.p99 };
}
