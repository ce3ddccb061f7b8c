import { HookcellError } from '../errors.js';
import type { PluginInfo } from '../loads/plugin-info.js';
import { loadChannel, reloadChannel } from './channels.js';
import type { LoadMessage } from './channels.js';

/** A load or reload that has ended. */
export interface ObservedLoad {
  readonly kind: 'load' | 'reload';
  /** The path or name in the request. */
  readonly plugin: string;
  readonly outcome: 'loaded' | 'refused' | 'aborted';
  /** The code of the refusal. */
  readonly code?: string | undefined;
  readonly info?: PluginInfo | undefined;
}

/**
 * Tells of every load of a runtime. What `tell` throws is dropped.
 *
 * @returns a function that ends it
 */
export function observeLoads(runtime: object, tell: (load: ObservedLoad) => void): () => void {
  const ends = (['load', 'reload'] as const).map((kind) => {
    const own = (message: LoadMessage) => {
      // A load that ends with an error is told at `error`, and comes here again.
      if (message.runtime === runtime && message.result !== undefined) {
        safely(tell, { kind, plugin: message.plugin, outcome: 'loaded', info: message.result });
      }
    };
    const failed = ({ runtime: other, plugin, error }: LoadMessage) => {
      if (other === runtime) {
        safely(tell, { kind, plugin, ...failureOf(error) });
      }
    };
    const all = { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: own, error: failed };
    const channel = kind === 'load' ? loadChannel : reloadChannel;
    channel.subscribe(all);
    return () => channel.unsubscribe(all);
  });
  return () => {
    for (const end of ends) {
      end();
    }
  };
}

function nothing(): void {
  // `subscribe` needs all five.
}

/** A subscriber that throws would end the process. */
function safely(tell: (load: ObservedLoad) => void, load: ObservedLoad): void {
  try {
    tell(load);
  } catch {
    // It is told of the next one.
  }
}

function failureOf(error: unknown): Pick<ObservedLoad, 'outcome' | 'code'> {
  return error instanceof HookcellError ? { outcome: 'refused', code: error.code } : { outcome: 'aborted' };
}
