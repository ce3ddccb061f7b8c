import { compare, median } from './compare.mjs';

/** The fuel of a call, unless the plugin or the server says otherwise. */
const DEFAULT_FUEL = 50_000_000;

/**
 * Compares the answers of a program's plugin, and measures its dearest call.
 *
 * @param {Uint8Array} wasm the plugin
 * @param {() => import('hookcell').HookResult[]} callAll calls the hook with each input
 * @param {string[]} answers the JSON texts of the right answers
 * @param {string} peer which gave them
 * @param {number} rounds how often each call is made again, for the median of the time
 */
export function measure(wasm, callAll, answers, peer, rounds) {
  const calls = callAll();
  const usages = calls.map(({ usage }) => usage.fuel);
  const fuel = Math.max(...usages);
  const most = usages.indexOf(fuel);
  const times = Array.from({ length: rounds }, () => callAll()[most].usage.runMs);
  const result = compare(calls, answers, peer);
  return {
    result: result === 'same' && fuel > DEFAULT_FUEL ? 'same, with more fuel than the default' : result,
    bytes: wasm.length,
    fuel,
    ms: median(times),
  };
}
