import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Queue } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, enqueueAfter } from 'hookcell/bullmq';
import { Network } from './network.mjs';
import { Redis } from './redis.mjs';

const HOUR_MS = 3_600_000;
const TENANTS = ['acme', 'globex', null];
const QUEUE = 'hooks';

/** A server that adds jobs, the machines that run them, the Redis between them, and what goes wrong. */
export class Cluster {
  #folder = mkdtempSync(path.join(tmpdir(), 'hookcell-cluster-'));
  #plugins = path.join(this.#folder, 'plugins');
  #redis = new Redis();
  #runtime = new WasmRuntime({ logger: false });
  #journals = [];
  #workers = [];
  #lockMs;
  #queue;
  #hooks;
  #network;
  #networkPort;
  /** The keys that the queue has acknowledged. */
  acknowledged = new Set();

  /** @param {number} lockMs after which another machine gets the jobs of one that is gone */
  constructor(lockMs) {
    this.#lockMs = lockMs;
  }

  /** @param {Uint8Array} plugin the plugin that the jobs call */
  async start(plugin) {
    mkdirSync(this.#plugins);
    await this.#redis.start();
    this.#network = new Network(this.#redis.port);
    this.#networkPort = await this.#network.start();
    const { sha256 } = await this.#runtime.loadPluginBytes('plugin', plugin);
    writeFileSync(path.join(this.#plugins, `${sha256}.wasm`), plugin);
    // A command that the network swallows must not wait for ever.
    const connection = { host: '127.0.0.1', port: this.#networkPort, commandTimeout: 2_000 };
    this.#queue = new Queue(QUEUE, { connection });
    this.#queue.on('error', () => undefined);
    this.#hooks = createHookQueue(this.#runtime, { queue: this.#queue, after: 'plugin', enqueueTimeoutMs: 5_000 });
  }

  /** Starts a machine: beside Redis or behind the network, with a clock that may be wrong. */
  async addWorker({ behindNetwork = false, skewMs = 0 } = {}) {
    const journal = path.join(this.#folder, `${this.#journals.length}.jsonl`);
    this.#journals.push(journal);
    const port = behindNetwork ? this.#networkPort : this.#redis.port;
    const settings = { port, queue: QUEUE, plugins: this.#plugins, journal, lockMs: this.#lockMs };
    const worker = fork(path.join(import.meta.dirname, 'worker.mjs'), [JSON.stringify(settings)], {
      env: { ...process.env, CLOCK_SKEW_MS: String(skewMs) },
      execArgv: ['--import', path.join(import.meta.dirname, 'skewed-clock.mjs')],
    });
    this.#workers.push(worker);
    await once(worker, 'message');
    return worker;
  }

  /** Adds a job, and tries again with its key until the queue acknowledges it. */
  async add(number) {
    const key = `order-${number}`;
    const context = { input: {}, data: { id: number }, tenant_id: TENANTS[number % TENANTS.length] };
    for (;;) {
      try {
        await enqueueAfter(this.#hooks, { key, context });
        this.acknowledged.add(key);
        return;
      } catch (error) {
        if (error.code !== undefined && String(error.code).startsWith('ERR_')) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** A machine loses its power, and another one takes its place. */
  async killWorker(index, options) {
    const worker = this.#workers[index];
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    this.#workers[index] = await this.addWorker(options);
    this.#workers.pop();
  }

  async killRedis(downMs) {
    await this.#redis.kill();
    await new Promise((resolve) => setTimeout(resolve, downMs));
    await this.#redis.start();
  }

  async cutNetwork(ms) {
    this.#network.cut();
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#network.mend();
  }

  /** What the machines have applied, in their journals. */
  applied() {
    return this.#journals.flatMap((journal) => {
      try {
        // The last line of a machine that was ended may be a part of one.
        const lines = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
        return lines.map((line) => JSON.parse(line));
      } catch {
        return [];
      }
    });
  }

  async stop() {
    for (const worker of this.#workers) {
      worker.kill('SIGKILL');
    }
    this.#queue?.disconnect().catch(() => undefined);
    await this.#runtime.close();
    this.#network?.close();
    await this.#redis.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  static skews = { ahead: HOUR_MS, behind: -HOUR_MS };
}
