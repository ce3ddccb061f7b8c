import { HookcellError } from '../../errors.js';
import type { ChosenVersion } from '../../hooks/choice/plugin-choice.js';
import type { SetRuntime } from '../set-runtime.js';
import { shown } from '../../values/shown-text.js';
import { roleOf } from '../manifest/entry.js';
import type { SetSettings } from '../options/set-options.js';
import type { PluginChange, RollbackMessage } from '../set-events.js';
import type { PluginStore, StoredManifest } from '../store/plugin-store.js';
import type { SetState } from '../store/set-state.js';
import { Deployment } from '../versions/deployment.js';
import { Generation } from '../versions/generation.js';
import { Slot } from '../versions/slot.js';
import { versionId } from '../versions/version-id.js';
import { VersionPool } from '../versions/version-pool.js';
import type { PoolEvents } from '../versions/version-pool.js';
import { changesBetween } from './changes.js';
import { History } from './history.js';
import { JobVersions } from './job-versions.js';
import { ManifestReader } from './manifest-reader.js';
import type { ReadManifest } from './manifest-reader.js';
import type { RefusedVersion } from './refusal.js';
import { Rollout } from './rollout.js';

/** What a deployment of a manifest did. */
export interface Deployed {
  readonly changes: readonly PluginChange[];
  readonly refused: readonly RefusedVersion[];
}

/** Decides which versions of a set run. Each change takes effect in one step. */
export class Deployer {
  readonly reader: ManifestReader;
  readonly state: SetState;
  readonly #store: PluginStore | undefined;
  readonly #pool: VersionPool;
  readonly #history: History;
  readonly #jobs: JobVersions;
  readonly #closing = new AbortController();
  #current = new Generation(new Map());
  #manifest: ReadManifest | undefined;
  /** Grows with each rollback, which a deployment under way must not undo. */
  #rollbacks = 0;

  constructor(
    runtime: SetRuntime,
    settings: SetSettings,
    { store, state }: { store: PluginStore | undefined; state: SetState },
    events: PoolEvents,
  ) {
    this.reader = new ManifestReader(settings, store);
    this.state = state;
    this.#store = store;
    this.#history = new History(state, settings.keepVersions);
    this.#jobs = new JobVersions(settings.keepJobVersions);
    const { manifest, source, fixtures, allowedEnv, isolate, sourceTimeoutMs, bounds } = settings;
    const { signal } = this.#closing;
    const places = {
      folder: manifest.folder,
      source,
      store,
      maxSourceBytes: bounds.maxSourceBytes,
      sourceTimeoutMs,
      signal,
    };
    this.#pool = new VersionPool(
      runtime,
      { places, fixtures, allowedEnv, isolate, remembered: () => this.state.versions().map(({ sha256 }) => sha256) },
      events,
    );
  }

  /** What runs now. */
  get current(): Generation {
    return this.#current;
  }

  /** The manifest of what runs. */
  get manifest(): ReadManifest | undefined {
    return this.#manifest;
  }

  /**
   * Checks a manifest that is to be deployed.
   *
   * @throws {@link HookcellError} as {@link ManifestReader.check}, or `ERR_STORE`
   */
  async check(stored: StoredManifest): Promise<ReadManifest> {
    if (stored.signature !== undefined) {
      await this.state.readSerial();
    }
    return await this.reader.check(stored, this.state.serial);
  }

  /**
   * Loads what a manifest lists, and swaps it in.
   *
   * @throws {@link HookcellError} `ERR_STORE`
   */
  async deploy(manifest: ReadManifest): Promise<Deployed> {
    await this.#store?.keepManifest(manifest.sha256, manifest.stored, this.#manifestsInUse());
    for (;;) {
      const rollbacks = this.#rollbacks;
      const parts = {
        pool: this.#pool,
        reader: this.reader,
        state: this.state,
        earlierSlot: (name: string, id: string) => this.#history.slot(name, id) ?? this.#runningSlot(name, id),
      };
      const { deployments, refused } = await new Rollout(parts, this.#current, manifest).run();
      const next = new Generation(deployments);
      if (this.#closing.signal.aborted) {
        release(next);
        throw this.#closing.signal.reason;
      }
      if (rollbacks === this.#rollbacks) {
        this.#manifest = manifest;
        this.state.takeSerial(manifest.trust.serial ?? 0);
        return { changes: this.#swap(next), refused };
      }
      // A plugin was rolled back meanwhile. Everything else is loaded by now.
      release(next);
    }
  }

  /**
   * Goes back to an earlier version of a plugin. It takes effect before this returns if that version is loaded.
   *
   * @param version - its identifier, or what the manifest calls it. Default: the version before; or, if a second version has a share,
   * the one without
   * @throws {@link HookcellError} `ERR_NO_VERSION`
   */
  async rollBack(
    name: string,
    version: string | undefined,
  ): Promise<{ message: RollbackMessage; changes: readonly PluginChange[] }> {
    const { base, canary } = this.#deploymentOf(name);
    if (base !== undefined && isMeant(base, version) && (version !== undefined || canary !== undefined)) {
      if (canary === undefined) {
        throw new HookcellError('ERR_NO_VERSION', `the version ${base.version.id} of '${name}' runs already`);
      }
      return this.#goTo(name, base.version.hold() && base);
    }
    const loaded = this.#keptSlot(name, version);
    loaded?.version.hold();
    return this.#goTo(name, loaded ?? this.#unlessClosed(await this.#loadKept(name, version)));
  }

  /**
   * The version of a job, held: one that runs or is kept, or one of a kept manifest.
   *
   * @returns `undefined` if the set does not have it
   * @throws why the version cannot be loaded
   */
  async holdVersion({ name, id, manifest }: ChosenVersion): Promise<Slot | undefined> {
    const { base, canary } = this.#current.deployments.get(name) ?? {};
    const loaded = [base, canary, this.#history.slot(name, id)].find((slot) => slot?.version.id === id);
    if (loaded !== undefined) {
      loaded.version.hold();
      return loaded;
    }
    return await this.#jobs.hold(name, id, async () => {
      const entry = await this.reader.keptEntry(name, { id, manifest });
      return entry && this.#unlessClosed(new Slot(entry, await this.#pool.hold(entry), manifest));
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new HookcellError('ERR_CLOSED', 'the plugin set is closed'));
    const last = this.#current;
    this.#current = new Generation(new Map());
    release(last);
    this.#history.clear();
    this.#jobs.close();
    await this.#pool.empty();
  }

  /** @throws what ended the set while the version was loaded */
  #unlessClosed(slot: Slot): Slot {
    if (this.#closing.signal.aborted) {
      slot.version.release();
      throw this.#closing.signal.reason;
    }
    return slot;
  }

  /** Swaps in a version that is held. */
  #goTo(name: string, target: Slot): { message: RollbackMessage; changes: readonly PluginChange[] } {
    const { base, canary, monitor } = this.#deploymentOf(name);
    const from = [base, canary].flatMap((slot) => slot?.version.id ?? []).filter((id) => id !== target.version.id);
    const earlier = this.state.of(name).refused.filter((id) => id !== target.version.id);
    this.state.rollBack(name, [...new Set([...earlier, ...from])]);
    this.#rollbacks += 1;
    const deployments = new Map(this.#current.deployments);
    for (const [other, deployment] of deployments) {
      if (other !== name) {
        hold(deployment.slots());
      }
    }
    hold([monitor].filter((slot) => slot !== undefined));
    deployments.set(name, new Deployment(name, { base: target, ...(monitor === undefined ? {} : { monitor }) }));
    const changes = this.#swap(new Generation(deployments));
    return { message: { name, from, to: target.version.id }, changes };
  }

  #swap(next: Generation): PluginChange[] {
    const before = this.#current;
    this.#current = next;
    this.#pool.label(next);
    this.#history.record(before, next, idsByName(this.#manifest));
    release(before);
    return changesBetween(before, next);
  }

  #deploymentOf(name: string): Deployment {
    const deployment = this.#current.deployments.get(name);
    if (deployment === undefined) {
      throw new HookcellError('ERR_NO_VERSION', `the set runs no plugin '${shown(name)}'`);
    }
    return deployment;
  }

  /** An earlier version that is loaded. */
  #keptSlot(name: string, version: string | undefined): Slot | undefined {
    const { kept, refused } = this.state.of(name);
    for (const { id } of kept) {
      const slot = this.#history.slot(name, id);
      if (version === undefined && !refused.includes(id)) {
        return slot;
      }
      if (version !== undefined && slot !== undefined && isMeant(slot, version)) {
        return slot;
      }
    }
    return undefined;
  }

  async #loadKept(name: string, version: string | undefined): Promise<Slot> {
    const { kept, refused } = this.state.of(name);
    for (const each of version === undefined ? kept.filter(({ id }) => !refused.includes(id)) : kept) {
      const isMeantById = version === undefined || version === each.id;
      // The manifest of another version may be lost, or no longer trusted.
      const entry = isMeantById
        ? await this.reader.entryOf(name, each)
        : await this.reader.keptEntry(name, each).catch(() => undefined);
      if (entry !== undefined && (isMeantById || version === entry.version)) {
        return new Slot(entry, await this.#pool.hold(entry), each.manifest);
      }
    }
    const wanted = version === undefined ? 'no earlier version' : `no version '${shown(version)}'`;
    throw new HookcellError('ERR_NO_VERSION', `the set keeps ${wanted} of '${name}'`);
  }

  #runningSlot(name: string, id: string): Slot | undefined {
    const base = this.#current.deployments.get(name)?.base;
    return base?.version.id === id ? base : undefined;
  }

  #manifestsInUse(): Set<string> {
    return new Set(this.state.versions().map(({ manifest }) => manifest));
  }
}

function isMeant({ version: { id }, entry }: Slot, version: string | undefined): boolean {
  return version === undefined || version === id || version === entry.version;
}

function hold(slots: readonly Slot[]): void {
  for (const { version } of slots) {
    version.hold();
  }
}

function release(generation: Generation): void {
  for (const { version } of generation.slots()) {
    version.release();
  }
}

/** The versions that a manifest has, by the names of their plugins. */
function idsByName(manifest: ReadManifest | undefined): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const entry of manifest?.plugins ?? []) {
    if (entry.enabled && roleOf(entry) !== 'monitor') {
      ids.set(entry.name, (ids.get(entry.name) ?? new Set()).add(versionId(entry)));
    }
  }
  return ids;
}
