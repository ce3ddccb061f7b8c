import type { ChainedPlugin, ChainResult, ChainStep } from '../../calls/chain.js';
import type { WholeContext } from '../../calls/context.js';
import { MAX_CHAIN } from '../../native.js';
import type { CallOptions } from '../../options/call-options.js';
import type { WasmRuntime } from '../../runtime.js';
import type { Verdict } from '../failure/policy.js';

/** A plugin to call, and what happens if it does not accept. */
export interface CalledPlugin {
  readonly chained: ChainedPlugin;
  /** `open`: the next plugin goes on with the context as it was. */
  readonly onFault?: Verdict | undefined;
  readonly onReject?: Verdict | undefined;
}

/** Calls plugins in order, and passes over those whose policy says so. A chain of the runtime has at most 64 plugins. */
export async function callChosen<I extends object, D>(
  runtime: Pick<WasmRuntime, 'callChain'>,
  plugins: readonly CalledPlugin[],
  hook: string,
  context: WholeContext<I, D>,
  options: CallOptions,
): Promise<ChainResult<I, D>> {
  const steps: ChainStep[] = [];
  let result: ChainResult<I, D> | undefined;
  let from = 0;
  do {
    const chained = plugins.slice(from, from + MAX_CHAIN).map((each) => each.chained);
    const part: ChainResult<I, D> = await runtime.callChain<I, D>(chained, hook, result?.ctx ?? context, options);
    steps.push(...part.steps);
    from += part.steps.length;
    const isOver = !part.ok && !isPassedOver(plugins[from - 1], part.fault !== undefined);
    result = part.ok || isOver ? part : passed(part);
    if (isOver) {
      break;
    }
  } while (from < plugins.length);
  return whole(result, steps);
}

function isPassedOver(plugin: CalledPlugin | undefined, faulted: boolean): boolean {
  return (faulted ? plugin?.onFault : plugin?.onReject) === 'open';
}

/** The result as if the plugin that did not accept had changed nothing. Its own log stays with its step. */
function passed<I extends object, D>({ ctx, steps, usage }: ChainResult<I, D>): ChainResult<I, D> {
  return { ok: true, ctx, steps, usage };
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
