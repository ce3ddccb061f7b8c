import { EventEmitter } from 'node:events';

import { brand } from '../brand.js';
import type { Caller } from '../calls/caller.js';
import { checkContext } from '../calls/context.js';
import type { HookContext, JsonObject } from '../calls/context.js';
import type { ChainResult } from '../calls/chain.js';
import type { HookName } from '../calls/hook-name.js';
import { HookcellError } from '../errors.js';
import { callChosen } from '../hooks/choice/call-chosen.js';
import type {
  ChosenPlugins,
  ChosenVersion,
  HeldVersion,
  PluginChoice,
  VersionSource,
} from '../hooks/choice/plugin-choice.js';
import type { CallOptions } from '../options/call-options.js';
import type { SetRuntime } from './set-runtime.js';
import { Monitors } from './monitor/monitors.js';
import type { SetSettings } from './options/set-options.js';
import { Deployer } from './rollout/deployer.js';
import { refusalLine } from './rollout/refusal.js';
import type { RefusedVersion } from './rollout/refusal.js';
import type { ReadManifest } from './rollout/manifest-reader.js';
import { SetChoices } from './set-choices.js';
import type { PluginChange, PluginSetEvents, ReloadReport, RollbackMessage } from './set-events.js';
import { SetReports } from './set-reports.js';
import { statusOf } from './set-status.js';
import type { PluginSetStatus } from './set-status.js';
import type { PluginStore, StoredManifest } from './store/plugin-store.js';
import type { SetState } from './store/set-state.js';
import { SetWatch } from './watch/set-watch.js';

/**
 * The plugins of a manifest or folder, as they are now. It is a hook for the adapters, `before` and `after`, and stands for the plugins
 * that it has for the tenant and user of a request. Made by {@link openPlugins}.
 */
// oxlint-disable-next-line unicorn/prefer-event-target -- servers expect `on`, and the package runs on Node.js only
export class PluginSet extends EventEmitter<PluginSetEvents> implements PluginChoice, VersionSource {
  readonly #runtime: SetRuntime;
  readonly #settings: SetSettings;
  readonly #deployer: Deployer;
  readonly #monitors: Monitors;
  readonly #watch: SetWatch | undefined;
  readonly #choices: SetChoices;
  readonly #reports: SetReports;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: Promise<ReloadReport> | undefined;
  #refused: readonly RefusedVersion[] = [];
  #looked: StoredManifest | undefined;
  #isClosed = false;

  /** @internal */
  constructor(runtime: SetRuntime, settings: SetSettings, store: PluginStore | undefined, state: SetState) {
    super();
    this.#runtime = runtime;
    this.#settings = settings;
    this.#reports = new SetReports(this, settings.logger);
    this.#deployer = new Deployer(
      runtime,
      settings,
      { store, state },
      {
        loaded: ({ name, id, info }) => this.#reports.tell('loaded', { name, id, key: info.key, sha256: info.sha256 }),
        unloaded: ({ name, id, info }) =>
          this.#reports.tell('unloaded', { name, id, key: info.key, sha256: info.sha256 }),
      },
    );
    this.#monitors = new Monitors(runtime, settings.maxMonitored, (difference) =>
      this.#reports.tell('difference', difference),
    );
    this.#choices = new SetChoices(this.#deployer, this.#monitors);
    const { watch, manifest, storeDir } = settings;
    const folders = storeDir === undefined ? [manifest.folder] : [manifest.folder, storeDir];
    this.#watch = watch && new SetWatch(folders, watch, () => this.#look());
  }

  /** @internal */
  async start(): Promise<void> {
    // First, so that no change is missed.
    await this.#watch?.start();
    const { refused } = await this.reload();
    const running = this.#deployer.current.deployments;
    const missing = refused.filter(({ name, role }) => role === 'base' && running.get(name)?.base === undefined);
    const [first] = missing;
    if (first !== undefined) {
      const lines = missing.map((each) => refusalLine(each));
      throw new HookcellError(
        first.code,
        lines.length === 1 ? (lines[0] as string) : `${lines.length} plugins did not load:\n- ${lines.join('\n- ')}`,
      );
    }
  }

  /**
   * Runs the plugins that the set has for the tenant and user of a context, in order, each on the context that those before it left. It
   * stops at the first plugin that rejects or faults, unless the plugin's `onReject` or `onFault` is `open`.
   *
   * @typeParam I - the shape of `input`, before and after
   * @typeParam D - the shape of `data`, before and after
   * @param hook - the hook to call
   * @param context - what the first plugin gets
   * @param options - limits of every call, its tenant (default: that of the context), and a signal that ends it
   * @throws as `callChain` of the runtime; `ERR_CLOSED` if the set is closed
   */
  async callChain<I extends object = JsonObject, D = unknown>(
    hook: HookName,
    context: HookContext<I, D>,
    options: CallOptions = {},
  ): Promise<ChainResult<I, D>> {
    const { whole } = checkContext(context);
    this.#refuseIfClosed();
    const selection = this.#choices.now(hook, whole);
    try {
      selection.begin(whole as never);
      return await callChosen(this.#runtime, selection.called, hook, whole, { tenant: whole.tenant_id, ...options });
    } finally {
      selection.end();
    }
  }

  /** The plugins of a request, for the adapters. */
  choosePlugins(hook: HookName, caller: Caller, request: object): ChosenPlugins {
    this.#refuseIfClosed();
    return this.#choices.of(hook, caller, request);
  }

  /**
   * The version of a job that was made elsewhere, for workers. It is loaded if its manifest is in the store.
   *
   * @returns `undefined` if the set does not have it
   * @throws {@link HookcellError} `ERR_CLOSED`, or why the version cannot be loaded
   */
  async holdVersion(version: ChosenVersion, tenant: string | null): Promise<HeldVersion | undefined> {
    this.#refuseIfClosed();
    return await this.#choices.version(version, tenant);
  }

  /** What the set runs now: plain JSON, without configurations. */
  status(): PluginSetStatus {
    const { manifest, current, state } = this.#deployer;
    const { problem } = this.#reports;
    if (manifest === undefined) {
      throw this.#closedError();
    }
    return statusOf({
      path: this.#settings.manifest.path,
      manifest,
      generation: current,
      state,
      monitors: this.#monitors,
      refused: this.#refused,
      problem: problem && { code: problem.code, message: problem.message },
    });
  }

  /**
   * Reads the manifest or folder again, loads and tests what is new, and swaps it in, in one step. Requests under way end with what they
   * began with. A version that does not load is refused, and what ran before goes on.
   *
   * @throws {@link HookcellError} `ERR_READ`, `ERR_MANIFEST`, `ERR_SIGNATURE` or `ERR_STORE`: nothing has changed then, unless the message
   * says that the change is not remembered. `ERR_CLOSED`
   */
  async reload(): Promise<ReloadReport> {
    // A reload that has not begun will see what this one would.
    return await (this.#waiting ??= this.#inTurn(async () => {
      this.#waiting = undefined;
      return (await this.#readAndDeploy(true)) as ReloadReport;
    }));
  }

  /**
   * Goes back to an earlier version of a plugin, at once if it is still loaded. The version that ran takes no traffic as long as the
   * manifest has it, also after a restart. A later manifest with another version is followed again.
   *
   * @param name - the plugin
   * @param version - the identifier of the version, or what its manifest calls it. Default: the version that ran before; or, if a second
   * version has a share, the one without
   * @throws {@link HookcellError} `ERR_NO_VERSION`, `ERR_CLOSED`, or why the version cannot be loaded any more. `ERR_STORE`: the rollback
   * took effect, and a restart forgets it
   */
  async rollback(name: string, version?: string): Promise<RollbackMessage> {
    this.#refuseIfClosed();
    const { message, changes } = await this.#deployer.rollBack(name, version);
    this.#reports.swapped(this.#deployer.manifest?.sha256, changes);
    this.#reports.tell('rolledBack', message);
    await this.#save();
    if (this.#deployer.state.behind.size > 0) {
      await this.#look();
    }
    return message;
  }

  /** Ends the watch, and unloads every plugin when the last request that runs it ends. Requests that begin later are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#monitors.close();
    await this.#watch?.close();
    const closing = this.#deployer.close();
    await this.#turn;
    await closing;
  }

  /** The same as {@link PluginSet.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reloads if something may be otherwise than before. What goes wrong has been told. */
  async #look(): Promise<void> {
    await this.#inTurn(() => this.#readAndDeploy()).catch(() => {});
  }

  /** @param must - also if nothing has changed */
  async #readAndDeploy(must = false): Promise<ReloadReport | undefined> {
    const { state, reader } = this.#deployer;
    try {
      await state.refresh();
      const looked = this.#looked;
      const raw = await reader.raw();
      this.#looked = raw;
      // What was refused may be taken now, because a module has arrived, say, or a key is trusted.
      const isOpen = must || this.#refused.length > 0 || this.#reports.problem !== undefined;
      if (isOpen || !isSame(looked, raw)) {
        return await this.#deploy(await this.#deployer.check(raw));
      }
    } catch (error) {
      throw this.#reports.failed(error);
    } finally {
      // A rollback of another process counts, whatever became of the manifest.
      if (state.behind.size > 0 && this.#deployer.manifest !== undefined) {
        await this.#deploy(this.#deployer.manifest);
      }
    }
    await this.#save();
    return undefined;
  }

  async #deploy(manifest: ReadManifest): Promise<ReloadReport> {
    const { state } = this.#deployer;
    const changes: PluginChange[] = [];
    do {
      const rolledBack = new Set(state.behind);
      const deployed = await this.#deployer.deploy(manifest);
      state.caughtUp(rolledBack);
      this.#refused = deployed.refused;
      this.#monitors.keepOnly(this.#deployer.current.slots());
      this.#reports.deployed(manifest.sha256, deployed, rolledBack);
      changes.push(...deployed.changes);
      await this.#save();
      // To write the state shows what another process has rolled back meanwhile.
    } while (state.behind.size > 0);
    return { changes, refused: this.#refused };
  }

  async #save(): Promise<void> {
    try {
      await this.#deployer.state.save();
    } catch (error) {
      throw this.#reports.notRemembered(error);
    }
  }

  /** One change after the other. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      this.#refuseIfClosed();
      return action();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) {
      throw this.#closedError();
    }
  }

  #closedError(): HookcellError {
    return new HookcellError('ERR_CLOSED', 'the plugin set is closed');
  }
}

function isSame(before: StoredManifest | undefined, { bytes, signature }: StoredManifest): boolean {
  return before !== undefined && Buffer.from(before.bytes).equals(bytes) && before.signature === signature;
}

brand(PluginSet, 'PluginSet');
