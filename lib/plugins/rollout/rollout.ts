import { roleOf } from '../manifest/entry.js';
import type { EntryRole, PluginEntry } from '../manifest/entry.js';
import type { SetState } from '../store/set-state.js';
import type { KeptVersion } from '../store/state-file.js';
import { Deployment } from '../versions/deployment.js';
import type { Slots } from '../versions/deployment.js';
import type { Generation } from '../versions/generation.js';
import { Slot } from '../versions/slot.js';
import { versionId } from '../versions/version-id.js';
import type { VersionPool } from '../versions/version-pool.js';
import type { ManifestReader, ReadManifest } from './manifest-reader.js';
import { refusedVersion } from './refusal.js';
import type { RefusedVersion } from './refusal.js';

/** The most plugins that load at once: a runtime takes turns, and refuses more than `maxLoads`. */
const MOST_AT_ONCE = 8;

/** What a manifest makes of a set. Each of its slots is held. */
export interface RolledOut {
  readonly deployments: ReadonlyMap<string, Deployment>;
  readonly refused: readonly RefusedVersion[];
}

/** The entries of one plugin. */
type Entries = Partial<Record<EntryRole, PluginEntry>>;

/** What a rollout works with. */
export interface RolloutParts {
  readonly pool: VersionPool;
  readonly reader: ManifestReader;
  readonly state: SetState;
  /** A version that ran earlier and is still loaded. */
  readonly earlierSlot: (name: string, id: string) => Slot | undefined;
}

/** Loads what a manifest lists. What does not load leaves what ran before. */
export class Rollout {
  readonly #pool: VersionPool;
  readonly #reader: ManifestReader;
  readonly #state: SetState;
  readonly #before: Generation;
  readonly #manifest: ReadManifest;
  readonly #earlierSlot: (name: string, id: string) => Slot | undefined;
  readonly #refused: RefusedVersion[] = [];

  constructor({ pool, reader, state, earlierSlot }: RolloutParts, before: Generation, manifest: ReadManifest) {
    this.#pool = pool;
    this.#reader = reader;
    this.#state = state;
    this.#earlierSlot = earlierSlot;
    this.#before = before;
    this.#manifest = manifest;
  }

  async run(): Promise<RolledOut> {
    const plugins = [...entriesByName(this.#manifest.plugins)];
    const deployments = new Map<string, Deployment>();
    // The order of the manifest decides between plugins of the same order, so each has its place before it is loaded.
    for (const [name] of plugins) {
      deployments.set(name, new Deployment(name, {}));
    }
    const waiting = plugins.values();
    const work = async () => {
      for (const [name, entries] of waiting) {
        deployments.set(name, new Deployment(name, await this.#slotsOf(name, entries)));
      }
    };
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
    for (const [name, deployment] of deployments) {
      if (deployment.slots().length === 0) {
        deployments.delete(name);
      }
    }
    return { deployments, refused: this.#refused };
  }

  async #slotsOf(name: string, { base, canary, monitor }: Entries): Promise<Slots> {
    const { refused } = this.#state.of(name);
    const before = this.#before.deployments.get(name);
    const isRolledBack = (entry: PluginEntry) => refused.includes(versionId(entry));
    const slots: Slots = {};
    if (base !== undefined) {
      const slot = isRolledBack(base) ? undefined : ((await this.#load('base', base)) ?? held(before?.base));
      put(slots, 'base', slot ?? (await this.#loadEarlier(name, base)));
    }
    if (canary !== undefined && !isRolledBack(canary)) {
      put(slots, 'canary', (await this.#load('canary', canary)) ?? held(before?.canary));
    }
    if (monitor !== undefined) {
      put(slots, 'monitor', (await this.#load('monitor', monitor)) ?? held(before?.monitor));
    }
    return slots;
  }

  async #load(role: EntryRole, entry: PluginEntry, manifest = this.#manifest.sha256): Promise<Slot | undefined> {
    try {
      return new Slot(entry, await this.#pool.hold(entry), manifest);
    } catch (error) {
      this.#refused.push(refusedVersion(entry, role, versionId(entry), error));
      return undefined;
    }
  }

  /** The version that ran before, or one before that: after a rollback, and after a restart with a manifest whose version is refused. */
  async #loadEarlier(name: string, wanted: PluginEntry): Promise<Slot | undefined> {
    const { active, kept, refused } = this.#state.of(name);
    const versions = active === undefined ? kept : [active, ...kept];
    for (const version of versions.filter(({ id }) => !refused.includes(id) && id !== versionId(wanted))) {
      const slot = held(this.#earlierSlot(name, version.id)) ?? (await this.#loadKept(name, version));
      if (slot !== undefined) {
        return slot;
      }
    }
    return undefined;
  }

  async #loadKept(name: string, version: KeptVersion): Promise<Slot | undefined> {
    let entry;
    try {
      entry = await this.#reader.entryOf(name, version);
    } catch (error) {
      const lost = { name, sha256: version.sha256 } as PluginEntry;
      this.#refused.push(refusedVersion(lost, 'base', version.id, error));
      return undefined;
    }
    return await this.#load('base', entry, version.manifest);
  }
}

function held(slot: Slot | undefined): Slot | undefined {
  slot?.version.hold();
  return slot;
}

/** The enabled entries of each plugin, in the order of the manifest. */
function entriesByName(plugins: readonly PluginEntry[]): Map<string, Entries> {
  const byName = new Map<string, Entries>();
  for (const entry of plugins) {
    if (entry.enabled) {
      const entries = byName.get(entry.name) ?? {};
      entries[roleOf(entry)] = entry;
      byName.set(entry.name, entries);
    }
  }
  return byName;
}

function put(slots: Slots, role: EntryRole, slot: Slot | undefined): void {
  if (slot !== undefined) {
    slots[role] = slot;
  }
}
