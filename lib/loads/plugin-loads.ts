import { onAbort } from '../calls/abort.js';
import { reportChangedFile } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { closedError, HookcellError, internalError } from '../errors.js';
import type { NativeRuntime } from '../native.js';
import { checkModuleBytes, parseLoadOptions } from '../options/load-options.js';
import type { LoadOptions, LoadSwitches, ParsedLoadOptions } from '../options/load-options.js';
import type { Recorder } from '../record/recorder.js';
import { loadChannel, reloadChannel, traced } from '../telemetry/channels.js';
import { UnderWay } from '../under-way.js';
import { KnownPlugins } from './known-plugins.js';
import { isOwnModule } from './own-modules.js';
import { readLoadReply } from './plugin-info.js';
import type { PluginInfo } from './plugin-info.js';
import { pluginName } from './plugin-key.js';
import { pluginPath } from './plugin-path.js';

/** Has the addon load a plugin under this number. Resolves with its reply, which is JSON text. */
type StartLoad = (number: number) => Promise<string>;

/** `reload` replaces a loaded plugin and keeps its limits. */
type LoadKind = 'load' | 'reload';

/** The loads of one runtime. Each holds its plugin's bytes until it ends, so their number is bounded. */
export class PluginLoads {
  readonly #owner: object;
  readonly #native: NativeRuntime;
  readonly #max: number;
  readonly #switches: LoadSwitches;
  readonly #logger: Logger | undefined;
  readonly #known: KnownPlugins;
  readonly #recorder: Recorder | undefined;
  readonly #underWay = new UnderWay();
  /** Makes each load reject, by its number. */
  readonly #interrupts = new Map<number, () => void>();
  #lastNumber = 0;

  /**
   * @param owner - the runtime, for the messages of the tracing channels
   * @param max - the most loads in progress, including those that wait for a thread
   * @param switches - the runtime's own, which a load may override
   */
  constructor(
    owner: object,
    native: NativeRuntime,
    max: number,
    switches: LoadSwitches,
    logger: Logger | undefined,
    recorder: Recorder | undefined,
  ) {
    this.#owner = owner;
    this.#recorder = recorder;
    this.#native = native;
    this.#max = max;
    this.#switches = switches;
    this.#logger = logger;
    this.#known = new KnownPlugins(native);
  }

  async loadFile(path: string | URL, options?: LoadOptions, kind: LoadKind = 'load'): Promise<PluginInfo> {
    const key = pluginPath(path);
    const { settings, signal, grants } = this.#parse(options, false, kind);
    const info = await this.#traced(key, kind, (number) => this.#native.loadPlugin(number, key, settings), signal);
    this.#recorder?.remember(info, settings.limits, grants?.configReference, kind === 'reload');
    return info;
  }

  async loadBytes(
    name: string,
    bytes: Uint8Array,
    options?: LoadOptions,
    kind: LoadKind = 'load',
  ): Promise<PluginInfo> {
    const key = pluginName(name);
    checkModuleBytes(bytes);
    const { settings, signal, grants } = this.#parse(options, !isOwnModule(bytes), kind);
    const info = await this.#traced(
      key,
      kind,
      (number) => this.#native.loadPluginBytes(number, key, bytes, settings),
      signal,
    );
    this.#recorder?.remember(info, settings.limits, grants?.configReference, kind === 'reload');
    return info;
  }

  /** The digest of the plugin with this key, as far as it is known. */
  digestOf(key: string): string | undefined {
    return this.#known.digestOf(key);
  }

  /** The loaded plugins, sorted by key. */
  plugins(): PluginInfo[] {
    return this.#known.list();
  }

  /** Cancels all loads, waiting and running ones. */
  interrupt(): void {
    for (const interrupt of this.#interrupts.values()) {
      interrupt();
    }
  }

  /** Refuses new loads, and resolves when no load is in progress. */
  close(): Promise<void> {
    return this.#underWay.close();
  }

  #parse(options: LoadOptions | undefined, isolate: boolean, kind: LoadKind): ParsedLoadOptions {
    const parsed = parseLoadOptions(options, { ...this.#switches, isolate });
    if (kind === 'reload') {
      parsed.settings.reload = true;
    }
    return parsed;
  }

  #traced(plugin: string, kind: LoadKind, start: StartLoad, signal: AbortSignal | undefined): Promise<PluginInfo> {
    const channel = kind === 'reload' ? reloadChannel : loadChannel;
    return traced(
      channel,
      () => ({ runtime: this.#owner, plugin }),
      () => this.#load(start, signal),
    );
  }

  async #load(start: StartLoad, signal: AbortSignal | undefined): Promise<PluginInfo> {
    this.#underWay.refuseIfClosed();
    const { info, fileChanged } = readLoadReply(await this.#reply(start, signal));
    if (fileChanged) {
      reportChangedFile(this.#logger, info);
    }
    return this.#known.add(info);
  }

  /**
   * Has the addon load a plugin, and resolves with its reply.
   *
   * @throws {@link HookcellError} `ERR_QUEUE_FULL` at once if too many loads are in progress, `ERR_CLOSED` after
   * {@link PluginLoads.interrupt}
   * @throws the signal's reason
   */
  #reply(start: StartLoad, signal: AbortSignal | undefined): Promise<string> {
    if (signal?.aborted) {
      throw signal.reason;
    }
    const { count } = this.#underWay;
    if (count >= this.#max) {
      throw new HookcellError('ERR_QUEUE_FULL', `${count} plugins are already loading (maxLoads)`, {
        limit: 'maxLoads',
      });
    }
    const number = (this.#lastNumber += 1);
    this.#underWay.begin();
    return new Promise<string>((resolve, reject) => {
      // A load that has already taken effect cannot be cancelled, and resolves.
      const cancel = (reason: unknown) => {
        if (this.#native.cancelLoad(number)) {
          reject(reason);
        }
      };
      this.#interrupts.set(number, () => cancel(closedError()));
      const forget = signal && onAbort(signal, () => cancel(signal.reason));
      const end = () => {
        this.#interrupts.delete(number);
        forget?.();
        this.#underWay.end();
      };
      begin(start, number)
        .finally(end)
        .then(resolve, (cause: unknown) => reject(internalError(cause)));
    });
  }
}

/** Turns what the addon throws at once into a rejection. */
async function begin(start: StartLoad, number: number): Promise<string> {
  return await start(number);
}
