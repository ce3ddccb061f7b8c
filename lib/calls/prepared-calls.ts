import type { ParsedCallOptions } from '../options/call-options.js';
import type { ChainResult } from './chain.js';
import type { CheckedContext } from './context.js';
import type { PreparedPlugin } from './prepared-plugin.js';
import type { PluginResult } from './result.js';

/**
 * Where a runtime keeps its {@link PreparedCalls}: the same symbol in every copy of this package. The number changes with
 * their shape, and a copy that finds none calls the public methods.
 */
export const preparedCalls = Symbol.for('hookcell.preparedCalls/1');

/** The limits are those of each plugin. */
export type PreparedCallOptions = Pick<ParsedCallOptions, 'signal' | 'tenant'>;

/** What the adapters call of a runtime: `callHook` and `callChain` for arguments that are checked already. */
export interface PreparedCalls<Runtime> {
  /** The public methods. Where a test or a subclass has replaced one of them, that is what must be called. */
  readonly publicMethods: { readonly callHook: unknown; readonly callChain: unknown };

  callHook<I extends object, D>(
    runtime: Runtime,
    plugin: PreparedPlugin,
    hook: string,
    context: CheckedContext<I, D>,
    options: PreparedCallOptions,
  ): Promise<PluginResult<I, D>>;

  callChain<I extends object, D>(
    runtime: Runtime,
    plugins: readonly PreparedPlugin[],
    hook: string,
    context: CheckedContext<I, D>,
    options: PreparedCallOptions,
  ): Promise<ChainResult<I, D>>;
}
