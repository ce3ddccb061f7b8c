import { setTimeout as sleep } from 'node:timers/promises';
import { exampleFile, languages, runtimeSettings } from '../targets.mjs';
import { Client } from './clients/client.mjs';
import { Flooder } from './clients/flooder.mjs';
import { Modules } from './modules.mjs';
import { NoAnswerError } from './no-answer-error.mjs';
import { PluginState } from './plugin-state.mjs';
import { everyRequest, nextRequest } from './requests/requests.mjs';
import { Uploader } from './clients/uploader.mjs';
import { Visitor } from './clients/visitor.mjs';

/** The tenants of each runtime. */
const TENANTS = {
  main: ['t00', 't01', 't02', 't03', 't04', 't05'],
  second: ['t06', 't07'],
};
const FLOODING_TENANT = 't08';
const VISITING_TENANT = 't09';
/** So few that all their calls fit into the tenant's share of the queue. */
const CLIENTS_PER_TENANT = 3;

/** Runs all clients at once. Each sends its next request when it has the response to the last one. */
export class Load {
  #http;
  #ledger;
  #clients;
  #flooder;
  #uploader;
  #visitor;
  #loops = [];
  #isOver = false;

  /**
   * @param {import('./http.mjs').Http} http
   * @param {import('./ledger.mjs').Ledger} ledger
   * @param {number} seed
   */
  static async make(http, ledger, seed) {
    return new Load(http, ledger, await Modules.assemble(), seed);
  }

  constructor(http, ledger, modules, seed) {
    this.#http = http;
    this.#ledger = ledger;
    let lastSeed = seed;
    const nextSeed = () => (lastSeed += 1);
    const send = (request) => this.send(request);

    const assignments = Object.entries(TENANTS).flatMap(([runtime, names]) => {
      const examples = new Map(languages.map((language) => [language, new PluginState(exampleFile(language))]));
      return names.map((name) => ({ tenant: new PluginState(name), runtime, examples }));
    });
    const flooding = { tenant: new PluginState(FLOODING_TENANT), runtime: 'main', examples: new Map() };
    const visiting = { tenant: new PluginState(VISITING_TENANT), runtime: 'visits', examples: new Map() };

    this.#clients = assignments.flatMap((assignment) =>
      Array.from({ length: CLIENTS_PER_TENANT }, (_, index) => {
        return new Client(`${assignment.tenant.name}-${index}`, assignment, nextSeed());
      }),
    );
    this.#flooder = new Flooder(new Client('flooder', flooding, nextSeed()), send);
    this.#visitor = new Visitor(new Client('visitor', visiting, nextSeed()), modules, send);
    this.#uploader = new Uploader([...assignments, flooding], Object.keys(runtimeSettings), modules, nextSeed(), send);
  }

  /** Loads every plugin. */
  prepare() {
    return this.#uploader.loadAll();
  }

  /** Sends one request of each kind, one after the other. */
  async sendEveryKind() {
    for (const client of [this.#clients.at(0), this.#clients.at(-1)]) {
      for (const request of everyRequest(client)) {
        await this.send(request);
      }
    }
    for (const sender of [this.#uploader, this.#flooder, this.#visitor]) {
      await sender.sendEveryKind();
    }
  }

  start() {
    this.#loops = [
      ...this.#clients.map((client) => this.#repeat(() => this.send(nextRequest(client)))),
      ...[this.#uploader, this.#flooder, this.#visitor].map((sender) => this.#repeat(() => sender.sendNext())),
    ];
  }

  /** Stops all clients from sending another request, and waits for the responses. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  /**
   * Sends a request and accounts for it.
   *
   * @param {import('./requests/requests.mjs').Request} request
   */
  async send(request) {
    const ledger = this.#ledger;
    const number = ledger.begin(request.kind);
    let answer;
    try {
      answer = await this.#http.send(request.method ?? 'POST', request.path, request);
    } catch (error) {
      if (error instanceof NoAnswerError) {
        ledger.lose(number, error.message);
      } else {
        ledger.settle(number, [{ kind: 'unexpected', reason: error.message }]);
        // Without a server there are no responses to wait for.
        await sleep(10);
      }
      return;
    }
    if (answer === undefined) {
      ledger.drop(number);
    } else {
      ledger.settle(number, request.judge(answer));
    }
  }

  async #repeat(action) {
    while (!this.#isOver) {
      await action();
    }
  }
}
