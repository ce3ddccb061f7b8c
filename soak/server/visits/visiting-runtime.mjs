import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { answerTo } from '../answers.mjs';
import { CountedRuntime } from '../counted-runtime.mjs';

/** Long enough for the first calls to end, but not for all. */
const BEFORE_CLOSING_MS = 10;

/**
 * A runtime that is closed while its calls run and wait.
 *
 * @param {object} visit
 * @param {string} visit.name
 * @param {string} visit.module in base64
 * @param {object[]} visit.calls the last one is made while the runtime closes
 * @param {boolean} visit.isolate
 * @param {boolean} visit.interrupt
 * @param {import('../tally.mjs').Tally} tally
 */
export async function visitRuntime({ name, module, calls, isolate, interrupt }, tally) {
  const runtime = new CountedRuntime({ concurrency: 1 }, tally);
  await runtime.loadPluginBytes(name, Buffer.from(module, 'base64'), { isolate });
  const make = ({ plugin, hook, context, options }) => answerTo(runtime.callHook(plugin, hook, context, options));

  const answers = calls.slice(0, -1).map(make);
  await sleep(BEFORE_CLOSING_MS);
  const closed = runtime.close({ interrupt });
  answers.push(make(calls.at(-1)));
  await closed;
  // The promises of the calls settle in the same turn.
  await nextTurn();
  const { open } = runtime;
  return { answers: await Promise.all(answers), open };
}
