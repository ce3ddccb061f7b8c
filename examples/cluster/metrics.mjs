/**
 * Adds up the calls of all servers, as Prometheus would scrape them.
 *
 * @param {number[]} ports of the servers
 * @returns {Promise<Map<string, number>>} calls by plugin and outcome, such as `discount accepted`
 */
export async function scrapeCalls(ports) {
  const calls = new Map();
  for (const port of ports) {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    for (const [, labels, value] of (await response.text()).matchAll(/^hookcell_calls_total\{(.*)\} (\d+)$/gm)) {
      const { plugin, outcome } = Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text]),
      );
      const key = `${nameOf(plugin)} ${outcome}`;
      calls.set(key, (calls.get(key) ?? 0) + Number(value));
    }
  }
  return calls;
}

/** Metrics call a version with a share `discount:canary`. */
function nameOf(plugin) {
  return /^[\w-]+/.exec(plugin)?.[0] ?? plugin;
}
