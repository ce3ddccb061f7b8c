import type { Caller } from '../../calls/caller.js';
import type { ChosenPlugin } from '../../hooks/choice/plugin-choice.js';
import type { PluginEntry } from '../manifest/entry.js';
import { positionOf } from './share.js';
import type { Version } from './version.js';

const DEFAULT_HOOKS: readonly string[] = ['before_hook', 'after_hook'];

/** An entry of a manifest with its loaded version. */
export class Slot {
  readonly entry: PluginEntry;
  readonly version: Version;
  /** The SHA-256 of the manifest that the entry is from. */
  readonly manifest: string;
  readonly #chosen: ChosenPlugin;
  readonly #chosenByTenant: ReadonlyMap<string, ChosenPlugin>;
  readonly #hooks: ReadonlySet<string>;
  readonly #tenants: ReadonlySet<string> | undefined;

  constructor(entry: PluginEntry, version: Version, manifest: string) {
    this.entry = entry;
    this.version = version;
    this.manifest = manifest;
    const { name, onFault, onReject, tenantConfigs = {} } = entry;
    const chosenVersion = { name, id: version.id, manifest, isModule: isModule(entry) };
    this.#chosen = { plugin: version.info.key, version: chosenVersion, onFault, onReject };
    this.#chosenByTenant = new Map(
      Object.entries(tenantConfigs).map(([tenant, config]) => [tenant, { ...this.#chosen, config }]),
    );
    this.#hooks = new Set(entry.hooks ?? DEFAULT_HOOKS.filter((hook) => version.info.hooks.includes(hook)));
    this.#tenants = entry.tenants && new Set(entry.tenants);
  }

  /** The hooks that it takes part in. */
  get hooks(): ReadonlySet<string> {
    return this.#hooks;
  }

  /** The tenants that it is for; `undefined` if it is for all. */
  get tenants(): ReadonlySet<string> | undefined {
    return this.#tenants;
  }

  /** The plugin as a hook of a request: the same object for each request of a tenant. */
  chosenFor(tenant: string | null): ChosenPlugin {
    return (tenant === null ? undefined : this.#chosenByTenant.get(tenant)) ?? this.#chosen;
  }

  /** Does it take part in the requests of this caller? */
  isFor({ tenant_id: tenant }: Caller): boolean {
    return this.#tenants === undefined || (tenant !== null && this.#tenants.has(tenant));
  }

  /** Is the tenant or user of this caller among those that get this version? */
  isInShare({ user, tenant_id: tenant }: Caller): boolean {
    const { name, share = 1, sticky } = this.entry;
    const key = sticky === 'user' ? user?.id : tenant;
    return key !== undefined && key !== null && positionOf(name, key) < share;
  }
}

/** Does the module alone decide what the plugin does? */
function isModule({ limits = {}, config, tenantConfigs = {}, grant = [] }: PluginEntry): boolean {
  const others = Object.keys(limits).length + Object.keys(tenantConfigs).length + grant.length;
  return others === 0 && config === undefined;
}
