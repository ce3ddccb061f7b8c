import type { WholeContext } from '../calls/context.js';
import type { LimitOptions } from '../native.js';
import type { ParsedGrants } from '../grants/grants.js';

/** What a recorder knows of a loaded plugin. */
export interface KnownPlugin {
  readonly sha256: string;
  /** The limits that its load set. */
  readonly limits: LimitOptions | undefined;
  /** The JSON of the configuration that its load set, with references instead of secrets. */
  readonly config: string | undefined;
}

/** A call in progress that may be recorded when it ends. */
export class Recording {
  /** The context as the plugin got it. */
  text = '';

  /**
   * @param limits - the limits that the call sets itself
   * @param grants - what the call itself grants
   * @param plugin - the plugin as it was when the call began, if it is known
   * @param before - what the plugin may change, as it was
   */
  constructor(
    readonly key: string,
    readonly hook: string,
    readonly limits: LimitOptions | undefined,
    readonly grants: ParsedGrants | undefined,
    readonly plugin: KnownPlugin | undefined,
    readonly before: Pick<WholeContext<object>, 'input' | 'data'>,
  ) {}

  /** Keeps the context until the call ends. */
  readonly keep = (text: string): void => {
    this.text = text;
  };
}
