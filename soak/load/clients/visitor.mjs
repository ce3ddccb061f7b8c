import { setTimeout as sleep } from 'node:timers/promises';
import { filling, marked, orEnding, slow } from '../requests/calls.mjs';
import { judgeAnswers } from '../requests/requests.mjs';

const CALLS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Starts and ends runtimes and worker threads, each with its own plugin. */
export class Visitor {
  #client;
  #modules;
  #send;

  /**
   * @param {import('./client.mjs').Client} client
   * @param {import('../modules.mjs').Modules} modules
   * @param {(request: import('../requests/requests.mjs').Request) => Promise<void>} send
   */
  constructor(client, modules, send) {
    this.#client = client;
    this.#modules = modules;
    this.#send = send;
  }

  async sendEveryKind() {
    await this.#visitWorker({ terminate: false });
    await this.#visitWorker({ terminate: true });
    await this.#visitRuntime({ interrupt: false, isolate: true });
    await this.#visitRuntime({ interrupt: true, isolate: false });
  }

  async sendNext() {
    const { random } = this.#client;
    await sleep(random.below(LONGEST_PAUSE_MS));
    await (random.chance(0.5)
      ? this.#visitWorker({ terminate: random.chance(0.5) })
      : this.#visitRuntime({ interrupt: random.chance(0.5), isolate: random.chance(0.1) }));
  }

  /** A worker thread makes calls, and then ends or is terminated while it makes more. */
  async #visitWorker({ terminate }) {
    const { name, module } = this.#nextModule();
    const calls = Array.from({ length: CALLS }, () => marked(this.#client));
    await this.#send({
      kind: terminate ? 'worker, terminated' : 'worker',
      path: '/visits/worker',
      body: { name, module, calls: calls.map(({ sent }) => sent), terminate },
      judge: ({ status, body }) =>
        status === 200 ? judgeAnswers(calls, body.answers) : [{ kind: 'unexpected', reason: JSON.stringify(body) }],
    });
  }

  /** A runtime is closed while calls wait and run. */
  async #visitRuntime({ interrupt, isolate }) {
    const { name, module } = this.#nextModule();
    const kinds = [marked, slow, filling];
    const calls = Array.from({ length: CALLS }, (_, index) => {
      const made = kinds[index % kinds.length](this.#client);
      return interrupt ? orEnding('ERR_CLOSED', made) : made;
    });
    // The last call is made while the runtime closes.
    const late = marked(this.#client);
    const all = [...calls, { ...late, expected: { codes: ['ERR_CLOSED'] } }];
    await this.#send({
      kind: interrupt ? 'runtime, interrupted' : 'runtime, drained',
      path: '/visits/runtime',
      body: { name, module, calls: all.map(({ sent }) => sent), isolate, interrupt },
      judge: ({ status, body }) => {
        if (status !== 200) {
          return [{ kind: 'unexpected', reason: JSON.stringify(body) }];
        }
        const early = { kind: 'unexpected', reason: `closed with ${body.open} calls under way` };
        return [...judgeAnswers(all, body.answers), ...(body.open > 0 ? [early] : [])];
      },
    });
  }

  #nextModule() {
    const { tenant } = this.#client;
    const module = this.#modules.marked(tenant.name, tenant.nextVersion()).toString('base64');
    tenant.loaded();
    return { name: tenant.name, module };
  }
}
