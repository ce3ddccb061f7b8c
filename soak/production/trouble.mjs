import { setTimeout as sleep } from 'node:timers/promises';
import { TENANTS } from './versions.mjs';

const MOST_MS_APART = 1_500;
const LONGEST_DOWN_MS = 2_000;

/** What goes wrong in production, in an order that a seed decides. */
export class Trouble {
  #site;
  #random;
  /** How often each kind happened. */
  counts = new Map();
  /** Changes that did not take effect, or that should not have. */
  wrong = [];

  /**
   * @param {import('./site.mjs').Site} site
   * @param {import('../random.mjs').Random} random
   */
  constructor(site, random) {
    this.#site = site;
    this.#random = random;
  }

  /** Makes trouble for this time, and ends with a good version. */
  async make(ms) {
    const end = performance.now() + ms;
    const kinds = {
      reload: () => this.#reload(),
      'bad version': () => this.#listBad(this.#random.pick(['config', 'digest', 'missing'])),
      'broken manifest': () => this.#breakManifest(),
      rollback: () => this.#rollBack(),
      'worker killed': () => this.#site.killWorker(this.#random.below(this.#site.workers.length)),
      'Redis restarted': () => this.#site.restartRedis(this.#random.below(LONGEST_DOWN_MS)),
    };
    // Each kind once, and then at random.
    const first = Object.keys(kinds);
    while (first.length > 0 || performance.now() < end) {
      const kind =
        first.shift() ?? this.#random.pickWeighted([[5, 'reload'], ...Object.keys(kinds).map((each) => [1, each])]);
      await kinds[kind]();
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      await sleep(Math.min(this.#random.below(MOST_MS_APART), Math.max(0, end - performance.now())));
    }
    await this.#reload();
  }

  /** A good version must run on every server as soon as the server says so. */
  async #reload() {
    const { servers, versions } = this.#site;
    const told = Promise.all(servers.map((server) => server.next('swapped')));
    const version = versions.listGood(this.#random.below(3));
    await told;
    await this.#expectAll(version, 'a reload');
  }

  /** A bad one must be refused by every server, which goes on with what it ran. */
  async #listBad(how) {
    const { servers, versions } = this.#site;
    // A server repeats what it refuses until it gets something good.
    await this.#reload();
    const before = await this.#running();
    const told = Promise.all(servers.map((server) => server.next('refused')));
    versions.listBad(how, this.#random.below(3));
    await told;
    this.#expectSame(before, await this.#running(), `a version with a wrong ${how}`);
  }

  async #breakManifest() {
    const { servers, versions } = this.#site;
    // A server says only once that it refuses a manifest.
    await this.#reload();
    const before = await this.#running();
    const told = Promise.all(servers.map((server) => server.next('manifestRefused')));
    versions.breakManifest();
    await told;
    this.#expectSame(before, await this.#running(), 'a broken manifest');
  }

  /** Both plugins of every server go back, if there is an earlier version. */
  async #rollBack() {
    // What runs is then what the manifest has, so a rollback holds until the next one.
    await this.#reload();
    const before = await this.#running();
    for (const server of this.#site.servers) {
      for (const tenant of TENANTS) {
        const told = server.next('rolledBack');
        server.send({ rollBack: `hook-of-${tenant}` });
        const { error } = await told;
        if (error !== undefined) {
          this.wrong.push(`a rollback: ${error}`);
        }
      }
    }
    const after = await this.#running();
    if (after.some((version, index) => version >= before[index])) {
      this.wrong.push(`a rollback went from ${before.join()} to ${after.join()}`);
    }
  }

  /** The version of each tenant on each server. */
  async #running() {
    const { servers, orders } = this.#site;
    return await Promise.all(servers.flatMap((_, index) => TENANTS.map((tenant) => orders.versionOf(index, tenant))));
  }

  async #expectAll(version, what) {
    const running = await this.#running();
    if (running.some((each) => each !== version)) {
      this.wrong.push(`${what} to ${version}, and then ran ${running.join()}`);
    }
  }

  #expectSame(before, after, what) {
    if (before.join() !== after.join()) {
      this.wrong.push(`${what} changed ${before.join()} to ${after.join()}`);
    }
  }
}
