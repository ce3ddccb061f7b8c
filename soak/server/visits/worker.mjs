// A worker thread that makes calls and posts their results. If it will be terminated, it then makes calls that loop.

import { parentPort, workerData } from 'node:worker_threads';
import { WasmRuntime } from 'hookcell';
import { commonSettings } from '../../targets.mjs';
import { answerTo } from '../answers.mjs';

/** The deadline that ends the calls of a terminated worker thread. */
const LOOP_MS = 50;

const { name, module, calls, terminate } = workerData;
const runtime = new WasmRuntime({ ...commonSettings, concurrency: 1 });
await runtime.loadPluginBytes(name, Buffer.from(module, 'base64'));
const answers = await Promise.all(
  calls.map(({ plugin, hook, context, options }) => answerTo(runtime.callHook(plugin, hook, context, options))),
);
if (terminate) {
  const options = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: LOOP_MS };
  for (let index = 0; index < 3; index += 1) {
    void runtime.callHook(name, 'loop_hook', calls[0].context, options);
  }
} else {
  await runtime.close();
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread's port has no origin.
parentPort.postMessage(answers);
