import type { ChainResult, ChainStep } from '../calls/chain.js';
import type { WholeContext } from '../calls/context.js';
import { MAX_CHAIN } from '../native.js';
import type { CallOptions } from '../options/call-options.js';
import type { SetRuntime } from './set-runtime.js';
import type { Selection } from './selection.js';
import type { Slot } from './versions/slot.js';

/** Calls plugins in order, and passes over those whose manifest says so. A chain of the runtime has at most 64 plugins. */
export async function callSelection<I extends object, D>(
  runtime: SetRuntime,
  { slots, plugins }: Selection,
  hook: string,
  context: WholeContext<I, D>,
  options: CallOptions,
): Promise<ChainResult<I, D>> {
  const steps: ChainStep[] = [];
  let result: ChainResult<I, D> | undefined;
  let from = 0;
  do {
    const some = slots.slice(from, from + MAX_CHAIN);
    const chained = plugins.slice(from, from + MAX_CHAIN).map(({ plugin, config }) => ({ plugin, config }));
    const part: ChainResult<I, D> = await runtime.callChain<I, D>(chained, hook, result?.ctx ?? context, options);
    steps.push(...part.steps);
    from += part.steps.length;
    result = part;
    if (!part.ok && !isPassedOver(some[part.steps.length - 1], part.fault !== undefined)) {
      break;
    }
  } while (from < slots.length);
  return whole(result, steps);
}

function isPassedOver(slot: Slot | undefined, faulted: boolean): boolean {
  return (faulted ? slot?.entry.onFault : slot?.entry.onReject) === 'open';
}

/** The result of all parts: that of the last plugin, with the steps of all. */
function whole<I extends object, D>(last: ChainResult<I, D>, steps: ChainStep[]): ChainResult<I, D> {
  const fuel = steps.reduce<number | null>(
    (sum, { usage }) => (sum === null || usage.fuel === null ? null : sum + usage.fuel),
    0,
  );
  const usage = {
    ...last.usage,
    fuel,
    memoryBytes: Math.max(0, ...steps.map((step) => step.usage.memoryBytes)),
    runMs: steps.reduce((sum, step) => sum + step.usage.runMs, 0),
  };
  return { ...last, steps, usage };
}
