import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from '../../cluster/redis.mjs';
import { Orders } from './orders.mjs';
import { SiteProcess } from './site-process.mjs';
import { Versions } from './versions.mjs';

const SERVERS = 2;
const WORKERS = 2;
const QUEUE = 'hooks';
/** After this time another worker gets the jobs of one that was killed. */
const LOCK_MS = 2_000;
const PATIENCE_MS = 60_000;

const SERVER = path.join(import.meta.dirname, 'server.mjs');
const WORKER = path.join(import.meta.dirname, '..', '..', 'cluster', 'worker.mjs');

/** Servers, workers and the Redis between them, each a process. */
export class Site {
  #folder = mkdtempSync(path.join(tmpdir(), 'hookcell-production-'));
  #redis = new Redis();
  #journals = [];
  versions = new Versions(path.join(this.#folder, 'plugins'));
  servers = [];
  workers = [];
  orders;

  async start() {
    await this.#redis.start();
    await this.versions.build(3);
    this.versions.listGood(0);
    const ports = [];
    for (let index = 0; index < SERVERS; index += 1) {
      const server = new SiteProcess(SERVER, {
        manifest: this.versions.manifest,
        storeDir: path.join(this.#folder, `store-${index}`),
        cacheDir: path.join(this.#folder, 'cache'),
        redisPort: this.#redis.port,
        queue: QUEUE,
        jobPlugin: this.versions.jobPlugin,
      });
      this.servers.push(server);
      ports.push((await server.next('listening')).port);
    }
    for (let index = 0; index < WORKERS; index += 1) {
      this.workers.push(await this.#startWorker());
    }
    this.orders = new Orders(ports, this.versions);
  }

  /** A worker loses its power, and another one takes its place. */
  async killWorker(index) {
    await this.workers[index].kill();
    this.workers[index] = await this.#startWorker();
  }

  async restartRedis(downMs) {
    await this.#redis.kill();
    await sleep(downMs);
    await this.#redis.start();
  }

  /** What workers have applied, in their journals. */
  applied() {
    return this.#journals.flatMap((journal) => {
      try {
        // The last line of a worker that was killed may be a part of one.
        const lines = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
        return lines.map((line) => JSON.parse(line));
      } catch {
        return [];
      }
    });
  }

  /** Resolves how the servers end when they are told to. */
  async stop() {
    return await Promise.all(this.servers.map((server) => server.stop(PATIENCE_MS)));
  }

  async remove() {
    await Promise.all([...this.servers, ...this.workers].map((each) => each.kill()));
    await this.#redis.remove();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #startWorker() {
    const journal = path.join(this.#folder, `${this.#journals.length}.jsonl`);
    this.#journals.push(journal);
    const plugins = path.join(this.#folder, 'plugins');
    const worker = new SiteProcess(WORKER, { port: this.#redis.port, queue: QUEUE, plugins, journal, lockMs: LOCK_MS });
    await worker.next(undefined);
    return worker;
  }
}
