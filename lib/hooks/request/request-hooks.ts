import { HookcellError } from '../../errors.js';
import type { HookCaller } from '../hook-caller.js';
import type { HookRun } from '../hook-run.js';
import { OperationHooks } from '../operation/operation-hooks.js';
import { requestOptionNames } from '../options/hook-options.js';
import type { AnyHookOptions } from '../options/hook-options.js';
import { ClientLeft } from './client-left.js';
import { ClientWatch } from './client-watch.js';
import type { WatchedClient } from './client-watch.js';
import { nodeRequest } from './node-request.js';
import type { RequestParts } from './node-request.js';
import type { RequestWithHeaders } from './resolvers.js';

/**
 * The hooks around the handler of a route, in any framework. Made once from the user's options, and started for each request.
 */
export class RequestHooks<R> extends OperationHooks<R> {
  readonly #parts: RequestParts<R>;
  readonly #applyInput: (request: R, input: unknown) => void;
  /** Whether the input is applied even if no hook changed it: the handler would not find it elsewhere. */
  readonly #alwaysApplies: boolean;
  /** Whether the input of the hooks is the body of the request. */
  readonly readsBody: boolean;
  /** Whether the hooks after the handler also see a response with a status of 400 or more. */
  readonly afterErrors: boolean;

  /**
   * @param owner - where the options are, for an error
   * @param runtime - where the plugins are loaded
   * @param options - as the user wrote them
   * @param ownNames - the names of the adapter's own options
   * @param parts - where the framework keeps the parts of a request. Default: in `body` and `headers`
   * @throws `TypeError` or `RangeError` for an option that is unknown or wrong
   */
  constructor(
    owner: string,
    runtime: HookCaller,
    options: AnyHookOptions<R>,
    ownNames: readonly string[] = [],
    parts: RequestParts<R> = nodeRequest as RequestParts<RequestWithHeaders & R>,
  ) {
    super(owner, runtime, options, parts, [...requestOptionNames, ...ownNames]);
    const { input, applyInput } = options;
    this.#parts = parts;
    this.#applyInput = applyInput ?? parts.setInput;
    this.#alwaysApplies = input !== undefined || applyInput !== undefined || parts.alwaysSets;
    this.readsBody = input === undefined;
    this.afterErrors = options.afterErrors ?? false;
  }

  /**
   * Reads a request, runs the hooks before its handler, and puts the input that they leave where the handler finds it.
   *
   * @param client - is watched meanwhile: the response, or a signal
   * @returns what then runs the hooks after the handler; `undefined` if the client has disconnected, so that nothing more is
   * to be done
   * @throws what a resolver throws, or what the framework's error handling must get
   */
  async start(request: R, client: WatchedClient): Promise<HookRun<R> | undefined> {
    const watch = this.hasBefore ? new ClientWatch(client) : undefined;
    try {
      if (watch === undefined) {
        return await this.begin(request);
      }
      this.#refuseUnreadBody(request);
      const run = await this.begin(request);
      const input = await run.before(watch.signal);
      if (this.#alwaysApplies || input !== run.input) {
        this.#applyInput(request, input);
      }
      return run;
    } catch (error) {
      if (error instanceof ClientLeft) {
        this.settings.notices.clientLeft();
        return undefined;
      }
      throw this.told(request, error);
    } finally {
      watch?.stop();
    }
  }

  /** The hooks would see `{}` instead of a body that the handler may read later. */
  #refuseUnreadBody(request: R): void {
    const unread = this.readsBody ? this.#parts.unreadBody(request) : undefined;
    if (unread === undefined) {
      return;
    }
    const { problem: error, status } = unread;
    if (status === 500) {
      const refusal = new HookcellError('ERR_CONTEXT', error);
      throw this.settings.problem({ kind: 'refused', stage: 'before', error: refusal, ofClient: false }, request);
    }
    const type = this.#parts.headers(request)['content-type'];
    this.settings.notices.bodyUnread(this.owner, typeof type === 'string' ? type : undefined);
    throw this.settings.problem({ kind: 'rejected', stage: 'before', error, status }, request);
  }

  /** Logs that a handler wrote after its response. */
  refusedWrite(action: string): void {
    this.settings.notices.refusedWrite(action);
  }
}
