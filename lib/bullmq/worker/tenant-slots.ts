/** How many jobs of each tenant run in this worker, and those that wait for one of them to end. */
export class TenantSlots {
  readonly #max: number;
  readonly #running = new Map<string | null, number>();
  readonly #waiting = new Map<string | null, Set<(entered: boolean) => void>>();

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes a slot of the tenant, which {@link TenantSlots.leave} gives back.
   *
   * @param ms - how long to wait for one
   * @returns whether it has one
   */
  async enter(tenant: string | null, ms: number): Promise<boolean> {
    const running = this.#running.get(tenant) ?? 0;
    if (running < this.#max) {
      this.#running.set(tenant, running + 1);
      return true;
    }
    const waiting = this.#waiting.get(tenant) ?? new Set();
    this.#waiting.set(tenant, waiting);
    return await new Promise((resolve) => {
      const end = (entered: boolean) => {
        clearTimeout(timer);
        waiting.delete(end);
        if (waiting.size === 0) {
          this.#waiting.delete(tenant);
        }
        resolve(entered);
      };
      const timer = setTimeout(end, ms, false);
      waiting.add(end);
    });
  }

  leave(tenant: string | null): void {
    const [next] = this.#waiting.get(tenant) ?? [];
    if (next !== undefined) {
      // It takes over the slot.
      next(true);
      return;
    }
    const left = (this.#running.get(tenant) ?? 1) - 1;
    if (left === 0) {
      this.#running.delete(tenant);
    } else {
      this.#running.set(tenant, left);
    }
  }
}
