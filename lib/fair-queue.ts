import { LinkedList } from './linked-list.js';
import { Tenant } from './tenant.js';
import { Waiting } from './waiting.js';
import type { WaitEnd } from './waiting.js';

/** The size of a {@link FairQueue}, and how much of it one tenant may take. */
export interface QueueLimits {
  /** Calls that run at once, at least 1. */
  concurrency: number;
  /** Calls that wait. */
  maxQueue: number;
  /** Of `concurrency`, what the calls of one tenant may take, at least 1; those without a tenant may take it whole. */
  maxConcurrencyPerTenant: number;
  /** Of `maxQueue`, what the calls of one tenant may take; those without a tenant may take it whole. */
  maxQueuePerTenant: number;
}

/** The limit that leaves no room for one more call to wait. */
export type FullQueue = 'maxQueue' | 'maxQueuePerTenant';

/**
 * Who may run, and who is next: the tenants in turn, and the calls of one tenant in the order they came. A step takes
 * the same time however many calls and tenants there are, and a tenant without a call is forgotten.
 *
 * While a slot is free, every tenant whose calls wait has its share of the slots taken. So a call that may start at
 * once passes none of its own tenant's.
 */
export class FairQueue {
  readonly #limits: QueueLimits;
  readonly #nameless: Tenant;
  /** The tenants with a name and a call. */
  readonly #tenants = new Map<string, Tenant>();
  /** The tenants that have a call waiting and may run it, the next one first. */
  readonly #ring = new LinkedList<Tenant>();
  #running = 0;
  #waiting = 0;
  #whenIdle: (() => void)[] = [];

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.#nameless = new Tenant(undefined, limits.concurrency, limits.maxQueue);
  }

  /** Calls that hold a slot. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait for one. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Tenants that are remembered. */
  get tenants(): number {
    return this.#tenants.size;
  }

  /** Takes a slot, for {@link end} to give back; `undefined` where the call has to {@link wait}. */
  start(tenantName: string | undefined): Tenant | undefined {
    if (this.#running >= this.#limits.concurrency) {
      return undefined;
    }
    const tenant = this.#tenant(tenantName);
    if (!tenant.mayRun) {
      return undefined;
    }
    this.#remember(tenant);
    this.#run(tenant);
    return tenant;
  }

  /** Lets a call wait that could not {@link start}: in the end for a slot, which it then has to give back. */
  wait(tenantName: string | undefined, timeoutMs: number): Waiting | FullQueue {
    if (this.#waiting >= this.#limits.maxQueue) {
      return 'maxQueue';
    }
    const tenant = this.#tenant(tenantName);
    if (!tenant.mayWait) {
      return 'maxQueuePerTenant';
    }
    this.#remember(tenant);
    const waiting = new Waiting(tenant, timeoutMs, (late) => this.#takeOut(late, 'timeout'));
    tenant.waiting.push(waiting);
    this.#waiting += 1;
    if (tenant.waiting.length === 1 && tenant.mayRun) {
      this.#ring.push(tenant);
    }
    return waiting;
  }

  /** Takes a call out that waits, and leaves one alone that no longer does. */
  remove(waiting: Waiting): void {
    if (!waiting.hasEnded) {
      this.#takeOut(waiting, 'removed');
    }
  }

  /** Takes out every call that waits. */
  clear(): void {
    for (const tenant of [this.#nameless, ...this.#tenants.values()]) {
      for (let waiting = tenant.waiting.first; waiting !== undefined; waiting = tenant.waiting.first) {
        this.#takeOut(waiting, 'removed');
      }
    }
  }

  /** Gives back a slot, which goes to the call whose turn it is. */
  end(tenant: Tenant): void {
    if (tenant.waiting.length > 0 && !tenant.mayRun) {
      this.#ring.push(tenant);
    }
    tenant.running -= 1;
    this.#running -= 1;
    this.#forgetIdle(tenant);
    const next = this.#ring.first;
    if (next !== undefined) {
      this.#startNext(next);
    } else if (this.#running === 0) {
      for (const resolve of this.#whenIdle.splice(0)) {
        resolve();
      }
    }
  }

  /** Resolves when no call runs, and so none waits. */
  async idle(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  #startNext(tenant: Tenant): void {
    this.#ring.remove(tenant);
    const waiting = tenant.waiting.first as Waiting;
    tenant.waiting.remove(waiting);
    this.#waiting -= 1;
    this.#run(tenant);
    if (tenant.waiting.length > 0 && tenant.mayRun) {
      this.#ring.push(tenant);
    }
    waiting.end('slot');
  }

  #takeOut(waiting: Waiting, end: WaitEnd): void {
    const { tenant } = waiting;
    tenant.waiting.remove(waiting);
    this.#waiting -= 1;
    if (tenant.waiting.length === 0 && tenant.mayRun) {
      this.#ring.remove(tenant);
    }
    this.#forgetIdle(tenant);
    waiting.end(end);
  }

  #run(tenant: Tenant): void {
    tenant.running += 1;
    this.#running += 1;
  }

  #tenant(name: string | undefined): Tenant {
    if (name === undefined) {
      return this.#nameless;
    }
    const { maxConcurrencyPerTenant, maxQueuePerTenant } = this.#limits;
    return this.#tenants.get(name) ?? new Tenant(name, maxConcurrencyPerTenant, maxQueuePerTenant);
  }

  /** To be called before a tenant gets its first call. */
  #remember(tenant: Tenant): void {
    if (tenant.isIdle && tenant.name !== undefined) {
      this.#tenants.set(tenant.name, tenant);
    }
  }

  #forgetIdle(tenant: Tenant): void {
    if (tenant.isIdle && tenant.name !== undefined) {
      this.#tenants.delete(tenant.name);
    }
  }
}
