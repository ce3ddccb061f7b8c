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
  const subscribers = (['load', 'reload'] as const).map((kind) => {
    const own = (make: (message: LoadMessage) => ObservedLoad | undefined) => (message: LoadMessage) => {
      try {
        const load = message.runtime === runtime ? make(message) : undefined;
        if (load !== undefined) {
          tell(load);
        }
      } catch {
        // A subscriber that throws would end the process.
      }
    };
    const none = (): void => undefined;
    const asyncEnd = own(({ plugin, result }) =>
      result === undefined ? undefined : { kind, plugin, outcome: 'loaded', info: result },
    );
    const error = own(({ plugin, error: reason }) =>
      reason instanceof HookcellError
        ? { kind, plugin, outcome: 'refused', code: reason.code }
        : { kind, plugin, outcome: 'aborted' },
    );
    const all = { start: none, end: none, asyncStart: none, asyncEnd, error };
    const channel = kind === 'load' ? loadChannel : reloadChannel;
    channel.subscribe(all);
    return () => channel.unsubscribe(all);
  });
  return () => {
    for (const end of subscribers) {
      end();
    }
  };
}
