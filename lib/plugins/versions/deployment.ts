import type { Caller } from '../../calls/caller.js';
import type { EntryRole } from '../manifest/entry.js';
import type { Slot } from './slot.js';

/** The loaded entries of one plugin. */
export type Slots = Partial<Record<EntryRole, Slot>>;

/** What runs of one plugin: one version, or two with a share, and one that is monitored. */
export class Deployment {
  readonly name: string;
  readonly base: Slot | undefined;
  readonly canary: Slot | undefined;
  readonly monitor: Slot | undefined;

  constructor(name: string, { base, canary, monitor }: Slots) {
    this.name = name;
    this.base = base;
    this.canary = canary;
    this.monitor = monitor;
  }

  /** Where it is among the others. */
  get order(): number {
    return (this.base ?? this.monitor)?.entry.order ?? 0;
  }

  /** Everything that it needs. */
  slots(): Slot[] {
    return [this.base, this.canary, this.monitor].filter((slot) => slot !== undefined);
  }

  /** The tenants that it may be for; `undefined` if it is for all. */
  tenants(): Set<string> | undefined {
    const all = new Set<string>();
    for (const { tenants } of this.slots()) {
      if (tenants === undefined) {
        return undefined;
      }
      for (const tenant of tenants) {
        all.add(tenant);
      }
    }
    return all;
  }

  /** The version that takes part in the requests of a caller. */
  slotFor(caller: Caller): Slot | undefined {
    const { canary, base } = this;
    if (canary?.isFor(caller) === true && canary.isInShare(caller)) {
      return canary;
    }
    return base?.isFor(caller) === true ? base : undefined;
  }

  /** The version that watches the requests of a caller. */
  monitorFor(caller: Caller): Slot | undefined {
    return this.monitor?.isFor(caller) === true ? this.monitor : undefined;
  }
}
