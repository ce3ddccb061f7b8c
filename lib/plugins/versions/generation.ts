import type { Caller } from '../../calls/caller.js';
import type { Deployment } from './deployment.js';
import type { Slot } from './slot.js';

/** A plugin to run for a request, and the one to compare with it. */
export interface Selected {
  readonly deployment: Deployment;
  /** The version that takes part. */
  readonly slot: Slot | undefined;
  /** The version that watches. */
  readonly monitor: Slot | undefined;
}

/** Plugins in the order in which they run. */
type Ordered = readonly Deployment[];

/** All plugins of a set at one time. It never changes: a reload makes another one. */
export class Generation {
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** In the order in which they run. */
  readonly ordered: Ordered;
  readonly #forAll: Ordered;
  readonly #ownByTenant: ReadonlyMap<string, Ordered>;
  /** All plugins of the tenants that have plugins of their own, once they were asked for. */
  readonly #byTenant = new Map<string, Ordered>();
  readonly #places: ReadonlyMap<Deployment, number>;

  /** @param deployments - in the order of the manifest */
  constructor(deployments: ReadonlyMap<string, Deployment>) {
    this.deployments = deployments;
    const ordered = [...deployments.values()].toSorted((one, other) => one.order - other.order);
    this.ordered = ordered;
    this.#forAll = ordered.filter((deployment) => deployment.tenants() === undefined);
    this.#ownByTenant = ownByTenant(ordered);
    this.#places = new Map(ordered.map((deployment, place) => [deployment, place]));
  }

  /** What runs of one hook for a caller, in order. It takes no longer because other tenants have plugins. */
  select(hook: string, caller: Caller): Selected[] {
    const selected: Selected[] = [];
    for (const deployment of this.#deploymentsFor(caller.tenant_id)) {
      const slot = withHook(deployment.slotFor(caller), hook);
      const monitor = withHook(deployment.monitorFor(caller), hook);
      if (slot !== undefined || monitor !== undefined) {
        selected.push({ deployment, slot, monitor });
      }
    }
    return selected;
  }

  #deploymentsFor(tenant: string | null): Ordered {
    const own = tenant === null ? undefined : this.#ownByTenant.get(tenant);
    if (own === undefined) {
      return this.#forAll;
    }
    let all = this.#byTenant.get(tenant as string);
    if (all === undefined) {
      all = [...this.#forAll, ...own].toSorted((one, other) => this.#placeOf(one) - this.#placeOf(other));
      this.#byTenant.set(tenant as string, all);
    }
    return all;
  }

  #placeOf(deployment: Deployment): number {
    return this.#places.get(deployment) as number;
  }

  /** Every version that it needs. */
  slots(): Slot[] {
    return [...this.deployments.values()].flatMap((deployment) => deployment.slots());
  }
}

function withHook(slot: Slot | undefined, hook: string): Slot | undefined {
  return slot?.hooks.has(hook) === true ? slot : undefined;
}

/** Which plugins each tenant has that are not for all. */
function ownByTenant(ordered: Ordered): Map<string, Deployment[]> {
  const tenants = new Map<string, Deployment[]>();
  for (const deployment of ordered) {
    for (const tenant of deployment.tenants() ?? []) {
      const own = tenants.get(tenant);
      if (own === undefined) {
        tenants.set(tenant, [deployment]);
      } else {
        own.push(deployment);
      }
    }
  }
  return tenants;
}
