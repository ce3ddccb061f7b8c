import type { ParsedCallOptions } from '../../options/call-options.js';
import type { ChainResult } from '../chain.js';
import type { CheckedContext } from '../context.js';
import type { PreparedPlugin } from './prepared-plugin.js';
import type { PluginResult } from '../result.js';

/**
 * The key of a runtime's {@link PreparedCalls}, the same symbol in every copy of this package. Its number changes with
 * their shape. If a runtime has none under this key, the public methods are called instead.
 */
export const preparedCalls = Symbol.for('hookcell.preparedCalls/1');

/** The options of a prepared call; each plugin has its own limits. */
export type PreparedCallOptions = Pick<ParsedCallOptions, 'signal' | 'tenant' | 'requestId' | 'logger'>;

/** How the adapters call a runtime: `callHook` and `callChain` for arguments that are already checked. */
export interface PreparedCalls<Runtime> {
  /** The public methods. If a test or a subclass has replaced one of them, the adapters must call the replacement. */
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
