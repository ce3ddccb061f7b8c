import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../random.mjs';
import { exampleFile } from '../../targets.mjs';

const LONGEST_PAUSE_MS = 100;
const LONGEST_ABSENCE_MS = 30;
/** The share of new versions that compile in a child process. */
const ISOLATED = 0.03;

/** Loads the plugins, and replaces them while they are called. */
export class Uploader {
  #assignments;
  #runtimes;
  #modules;
  #random;
  #send;

  /**
   * @param {{ tenant: PluginState, runtime: string, examples: Map<string, PluginState> }[]} assignments
   * @param {string[]} runtimes the runtimes with all plugins of fixtures/
   * @param {import('../modules.mjs').Modules} modules
   * @param {number} seed
   * @param {(request: import('../requests/requests.mjs').Request) => Promise<void>} send
   *
   * @typedef {import('../plugin-state.mjs').PluginState} PluginState
   */
  constructor(assignments, runtimes, modules, seed, send) {
    this.#assignments = assignments;
    this.#runtimes = runtimes;
    this.#modules = modules;
    this.#random = new Random(seed);
    this.#send = send;
  }

  /** Loads all plugins for the first time. */
  async loadAll() {
    for (const runtime of this.#runtimes) {
      for (const [name, bytes] of this.#modules.fixtures) {
        await this.#load(runtime, name, bytes);
      }
      const { examples } = this.#assignments.find((assignment) => assignment.runtime === runtime);
      for (const [language, state] of examples) {
        await this.#loadExample(runtime, language, state);
      }
    }
    for (const assignment of this.#assignments) {
      await this.#replace(assignment);
    }
  }

  async sendEveryKind() {
    const [assignment] = this.#assignments;
    await this.#replace(assignment, { isolate: true });
    await this.#replace(assignment, {}, true);
    await this.#loadAgain(assignment);
    await this.#reload(assignment);
    await this.#reloadExample(assignment);
    for (const refused of this.#modules.refused) {
      await this.#loadRefused(assignment, refused);
    }
  }

  async sendNext() {
    await sleep(this.#random.below(LONGEST_PAUSE_MS));
    const assignment = this.#random.pick(this.#assignments);
    const action = this.#random.pickWeighted([
      [20, () => this.#replace(assignment, {}, true)],
      [50, () => this.#replace(assignment, this.#random.chance(ISOLATED) ? { isolate: true } : {})],
      [8, () => this.#loadAgain(assignment)],
      [8, () => this.#reload(assignment)],
      [4, () => this.#reloadExample(assignment)],
      [10, () => this.#loadRefused(assignment, this.#random.pick(this.#modules.refused))],
    ]);
    await action();
  }

  /** Replaces the last version with a load or a reload. */
  async #replace({ tenant, runtime }, options, reload = false) {
    const bytes = this.#modules.marked(tenant.name, tenant.nextVersion());
    await this.#load(runtime, tenant.name, bytes, { options, reload, whenLoaded: () => tenant.loaded() });
  }

  /** Loads the same bytes with several requests at once, under a separate name. */
  async #loadAgain({ tenant, runtime }) {
    const bytes = this.#modules.marked(tenant.name, 0);
    await Promise.all([1, 2, 3].map(() => this.#load(runtime, 'loaded-again', bytes)));
    await this.#unload(runtime, 'loaded-again');
  }

  /** Unloads the plugin for a while. */
  async #reload(assignment) {
    assignment.tenant.removing();
    await this.#unload(assignment.runtime, assignment.tenant.name);
    await sleep(this.#random.below(LONGEST_ABSENCE_MS));
    await this.#replace(assignment);
  }

  async #reloadExample({ runtime, examples }) {
    if (examples.size > 0) {
      const [language, state] = this.#random.pick([...examples]);
      state.removing();
      await this.#unload(runtime, exampleFile(language));
      await this.#loadExample(runtime, language, state);
    }
  }

  async #loadExample(runtime, language, state) {
    state.nextVersion();
    const path = `/${runtime}/files/${encodeURIComponent(exampleFile(language))}`;
    await this.#send({ kind: 'load', method: 'PUT', path, judge: codeIs('loaded', () => state.loaded()) });
  }

  /** A refused load leaves the loaded plugin in place. */
  async #loadRefused({ tenant, runtime }, { bytes, options, code }) {
    await this.#load(runtime, tenant.name, bytes, { options, code });
  }

  async #load(runtime, name, bytes, { options = {}, reload = false, code = 'loaded', whenLoaded } = {}) {
    const query = new URLSearchParams({ options: JSON.stringify(options), ...(reload && { reload }) });
    const path = `/${runtime}/plugins/${encodeURIComponent(name)}?${query}`;
    await this.#send({ kind: 'load', method: 'PUT', path, body: bytes, judge: codeIs(code, whenLoaded) });
  }

  async #unload(runtime, name) {
    const path = `/${runtime}/plugins/${encodeURIComponent(name)}`;
    await this.#send({ kind: 'unload', method: 'DELETE', path, judge: codeIs('unloaded') });
  }
}

function codeIs(expected, whenSo) {
  return ({ body }) => {
    if (body.code !== expected) {
      return [{ kind: 'unexpected', reason: `${JSON.stringify(body)} instead of ${expected}` }];
    }
    whenSo?.();
    return [];
  };
}
