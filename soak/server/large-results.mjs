import { pluginAnswering } from 'hookcell/testing';
import { codeOf, refusalOf } from './answers.mjs';

/** The length of each result, as JSON text. */
const BYTES = 1_000_000;

/**
 * Calls of one tenant with large results, all at once. The results are checked here and not sent.
 *
 * @param {import('./counted-runtime.mjs').CountedRuntime} runtime
 * @param {{ tenant: string, mark: string, count: number }} flood `mark` is in every row of every result
 * @returns how many ended in each way, and how many had rows of another call
 */
export async function floodWithLargeResults(runtime, { tenant, mark, count }) {
  const plugin = `large-${mark}`;
  const row = { mark, name: 'Ada Lovelace', email: 'ada@example.com', score: 12.5 };
  const rows = Math.floor(BYTES / (JSON.stringify(row).length + 1));
  await runtime.loadPluginBytes(
    plugin,
    pluginAnswering({ ok: true, ctx: { data: Array.from({ length: rows }, () => row) } }),
  );
  const codes = {};
  let wrong = 0;
  const call = async () => {
    let code;
    try {
      const result = await runtime.callHook(plugin, 'before_hook', { input: {} }, { tenant });
      code = codeOf(result);
      const { data } = result.ctx ?? { data: [] };
      wrong += data.length === rows && data[0].mark === mark && data.at(-1).mark === mark ? 0 : 1;
    } catch (error) {
      ({ code } = refusalOf(error));
    }
    codes[code] = (codes[code] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: count }, call));
  return { codes, wrong };
}
