import type { PluginInfo } from '../../loads/plugin-info.js';
import { HookcellError } from '../../errors.js';
import type { IsolateOptions } from '../../options/isolate.js';
import type { LoadOptions } from '../../options/load-options.js';
import type { SetRuntime } from '../set-runtime.js';
import { shown } from '../../values/shown-text.js';
import { readFixtures } from '../fixtures/fixture-files.js';
import { OWN_TENANT, runFixtures } from '../fixtures/fixture-run.js';
import type { ModulePlaces } from '../loads/module-bytes.js';
import { moduleBytes } from '../loads/module-bytes.js';
import { roleOf } from '../manifest/entry.js';
import type { EntryRole, PluginEntry } from '../manifest/entry.js';
import { refuseReferences } from '../manifest/references.js';
import type { AllowedEnv } from '../options/allowed-env.js';
import { hookRecord } from '../../hooks/failure/hook-stats.js';
import { setPluginLabel } from '../../telemetry/plugin-labels.js';
import type { Generation } from './generation.js';
import { Version } from './version.js';
import { versionId } from './version-id.js';

/** What versions are loaded with. */
export interface PoolSettings {
  readonly places: ModulePlaces;
  /** The folder of the fixtures that a version must pass. */
  readonly fixtures: string | undefined;
  /** What configurations may refer to. */
  readonly allowedEnv: AllowedEnv;
  readonly isolate: boolean | IsolateOptions | undefined;
  /** Digests of further modules that must stay in the store. */
  readonly remembered: () => readonly string[];
}

/** What a pool tells. */
export interface PoolEvents {
  loaded(version: Version): void;
  unloaded(version: Version): void;
}

/** The names that the sets of a runtime have given, so that one set cannot unload what another one runs. */
const namesOf = new WeakMap<SetRuntime, Set<string>>();

/** The versions that are loaded, each of them once. */
export class VersionPool {
  readonly #runtime: SetRuntime;
  readonly #settings: PoolSettings;
  readonly #events: PoolEvents;
  readonly #versions = new Map<string, Promise<Version>>();
  readonly #names: Set<string>;
  /** The digests of the modules that are loaded or loading, by the keys of their versions. */
  readonly #digests = new Map<string, string>();
  #whenEmpty: (() => void)[] = [];

  constructor(runtime: SetRuntime, settings: PoolSettings, events: PoolEvents) {
    this.#runtime = runtime;
    this.#names = namesOf.get(runtime) ?? new Set();
    namesOf.set(runtime, this.#names);
    this.#settings = settings;
    this.#events = events;
  }

  /**
   * The version of an entry, loaded, tested and held for the caller.
   *
   * @throws {@link HookcellError} that says why it cannot take traffic
   */
  async hold(entry: PluginEntry): Promise<Version> {
    const id = versionId(entry);
    const key = `${entry.name}@${id}`;
    for (;;) {
      const known = this.#versions.get(key);
      if (known === undefined) {
        return await this.#load(key, id, entry);
      }
      const version = await known;
      // Its last holder may have let go of it meanwhile.
      if (version.isHeld) {
        return version.hold();
      }
    }
  }

  /** In metrics, a version is called by its plugin and what it is to it. One that no longer runs is called as before. */
  label(generation: Generation): void {
    for (const deployment of generation.deployments.values()) {
      const { name, base, canary, monitor } = deployment;
      // The version that runs may be watched too, and is the plugin then.
      for (const [slot, role] of [
        [monitor, 'monitor'],
        [canary, 'canary'],
        [base, 'base'],
      ] as const) {
        if (slot !== undefined) {
          setPluginLabel(this.#runtime, slot.version.info.key, labelOf(name, role));
        }
      }
    }
  }

  /** Resolves when no version is loaded any more. */
  async empty(): Promise<void> {
    if (this.#versions.size > 0) {
      await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    }
  }

  /** The first caller holds it, so that it cannot be unloaded before it is used. */
  async #load(key: string, id: string, entry: PluginEntry): Promise<Version> {
    const loading = this.#loadNew(key, id, entry);
    this.#versions.set(key, loading);
    this.#digests.set(key, entry.sha256);
    try {
      return await loading;
    } catch (error) {
      this.#forget(key);
      throw error;
    }
  }

  async #loadNew(key: string, id: string, entry: PluginEntry): Promise<Version> {
    const { places, allowedEnv, isolate, remembered } = this.#settings;
    refuseReferences(entry, allowedEnv);
    const { bytes, fromStore } = await moduleBytes(entry, places);
    const name = this.#takeName(key);
    setPluginLabel(this.#runtime, name, labelOf(entry.name, roleOf(entry)));
    try {
      const info = await this.#runtime.loadPluginBytes(name, bytes, {
        ...entry.limits,
        ...grantsOf(entry),
        sha256: entry.sha256,
        signal: places.signal,
        ...(isolate === undefined ? {} : { isolate }),
      });
      refuseMissingHooks(entry, info);
      await this.#validate(entry, info);
      const fixtures = await this.#test(entry, info);
      if (!fromStore) {
        await places.store?.keepModule(entry.sha256, bytes, new Set([...this.#digests.values(), ...remembered()]));
      }
      const version = new Version({ name: entry.name, id, info, fixtures }, (gone) => this.#unload(key, gone)).hold();
      this.#events.loaded(version);
      return version;
    } catch (error) {
      this.#dropName(name);
      throw error;
    }
  }

  /** The load has asked the plugin about its own configuration. */
  async #validate({ tenantConfigs = {} }: PluginEntry, { key }: PluginInfo): Promise<void> {
    for (const [tenant, config] of Object.entries(tenantConfigs)) {
      try {
        await this.#runtime.validateConfig(key, config, { tenant: OWN_TENANT });
      } catch (error) {
        throw ofTenant(tenant, error);
      }
    }
  }

  async #test(entry: PluginEntry, { key }: PluginInfo): Promise<number> {
    const { fixtures: folder, allowedEnv, places } = this.#settings;
    if (folder === undefined) {
      return 0;
    }
    const fixtures = await readFixtures(folder, entry.name);
    for (const { grants } of fixtures) {
      refuseReferences({ config: grants.config }, allowedEnv);
    }
    await runFixtures(this.#runtime, key, fixtures, places.signal);
    return fixtures.length;
  }

  /** The same version may be loaded by another set, or by the server itself. */
  #takeName(key: string): string {
    let name = key;
    for (let number = 2; this.#names.has(name) || this.#runtime.isLoaded(name); number += 1) {
      name = `${key}-${number}`;
    }
    this.#names.add(name);
    return name;
  }

  #dropName(name: string): void {
    this.#runtime.unloadPlugin(name);
    setPluginLabel(this.#runtime, name, undefined);
    hookRecord(this.#runtime).forget(name);
    this.#names.delete(name);
  }

  #unload(key: string, version: Version): void {
    this.#dropName(version.info.key);
    this.#forget(key);
    this.#events.unloaded(version);
  }

  #forget(key: string): void {
    this.#versions.delete(key);
    this.#digests.delete(key);
    if (this.#versions.size === 0) {
      for (const resolve of this.#whenEmpty.splice(0)) {
        resolve();
      }
    }
  }
}

/** What the load of an entry grants. */
function grantsOf({ config, grant = [] }: PluginEntry): Pick<LoadOptions, 'config' | 'now' | 'seed'> {
  return { config, ...Object.fromEntries(grant.map((name) => [name, true])) };
}

function labelOf(name: string, role: EntryRole): string {
  return role === 'base' ? name : `${name}:${role}`;
}

function ofTenant(tenant: string, error: unknown): unknown {
  if (!(error instanceof HookcellError)) {
    return error;
  }
  const { code, message, path, details, fault } = error;
  const text = `the configuration of the tenant '${shown(tenant)}': ${message}`;
  return new HookcellError(code, text, { cause: error, path, details, fault });
}

function refuseMissingHooks({ hooks = [] }: PluginEntry, info: PluginInfo): void {
  const missing = hooks.filter((hook) => !info.hooks.includes(hook));
  if (missing.length > 0) {
    throw new HookcellError(
      'ERR_NO_HOOK',
      `the plugin exports no hook ${missing.map((hook) => shown(hook)).join(', ')}`,
    );
  }
}
