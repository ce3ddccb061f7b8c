import type { ServerResponse } from 'node:http';

import { contextError } from '../calls/context.js';
import { ResponseData } from '../hooks/response-data.js';
import type { WriteJson } from '../hooks/response-data.js';
import { jsonSettings, rewriteJson, writeJson } from './json.js';
import type { JsonSettings } from './json.js';
import type { HookResponse, NextFunction } from './response.js';
import { holdResponse } from './held-response.js';

/** The hooks of one middleware that run after the handler. */
export interface ResponseHooks {
  /** Whether they also see a response with a status of 400 or more. */
  readonly errorsToo: boolean;
  /** Resolves the data as they leave it. */
  readonly run: (given: ResponseData) => Promise<ResponseData>;
  /** Gets what they throw. */
  readonly next: NextFunction;
  /** Is called when something is written after the response, which is refused. */
  readonly refused: (action: string) => void;
}

/** The part of Express's response that is used here. */
type ExpressResponse = HookResponse & ServerResponse & { send(body?: unknown): unknown };

/** A call of `res.json`. */
interface Writing {
  readonly given: unknown[];
  /** As it was before the call. */
  readonly contentType: number | string | string[] | undefined;
}

const hookedResponses = new WeakMap<HookResponse, HookedResponse>();

/** Runs hooks on what a handler gives to `res.json`, before it is sent. Those of the last middleware run first. */
export function hookResponse(response: HookResponse, hooks: ResponseHooks): void {
  let hooked = hookedResponses.get(response);
  if (hooked === undefined) {
    hooked = new HookedResponse(response as ExpressResponse);
    hookedResponses.set(response, hooked);
  }
  hooked.add(hooks);
}

/**
 * Replaces `res.json` and `res.send` of a response. Express writes the JSON with the application's settings and sets the
 * headers as usual. The text that it would then send goes to the hooks first.
 */
class HookedResponse {
  readonly #response: ExpressResponse;
  readonly #json: ExpressResponse['json'];
  readonly #send: ExpressResponse['send'];
  /** In the order in which they run. */
  readonly #hooks: ResponseHooks[] = [];
  /** What the handler gave to `res.json`, until Express sends its text. */
  #writing: Writing | undefined;
  /** Whether a library has replaced `res.json`, and may change what it gets. */
  readonly #isWrapped: boolean;
  #state: 'open' | 'held' | 'done' = 'open';

  constructor(response: ExpressResponse) {
    this.#response = response;
    this.#isWrapped = Object.hasOwn(response, 'json');
    this.#json = response.json;
    this.#send = response.send;
    response.json = (...given) => this.#writeJson(given);
    response.send = (...given) => this.#sendText(given);
  }

  add(hooks: ResponseHooks): void {
    this.#hooks.unshift(hooks);
  }

  #writeJson(given: unknown[]): unknown {
    const response = this.#response;
    if (this.#state === 'held') {
      // Throws, as it would if the first response had been sent.
      response.setHeader('content-type', 'application/json');
    }
    if (this.#state === 'done') {
      return this.#json.apply(response, given as []);
    }
    this.#writing = { given, contentType: response.getHeader('content-type') };
    try {
      return this.#json.apply(response, given as []);
    } catch (error) {
      this.#writing = undefined;
      throw error instanceof TypeError && !response.headersSent
        ? contextError(`data cannot be written as JSON: ${error.message}`, { cause: error })
        : error;
    }
  }

  #sendText(given: unknown[]): unknown {
    const response = this.#response;
    const writing = this.#writing;
    const [text] = given;
    this.#writing = undefined;
    if (writing === undefined || typeof text !== 'string' || response.headersSent || !isJson(response)) {
      return this.#send.apply(response, given as []);
    }
    const hooks = this.#hooks.filter(({ errorsToo }) => errorsToo || response.statusCode < 400);
    if (hooks.length === 0) {
      return this.#send.call(response, text);
    }
    void this.#finish(hooks, writing, text);
    return response;
  }

  async #finish(hooks: ResponseHooks[], { given: values, contentType }: Writing, text: string): Promise<void> {
    const response = this.#response;
    const settings = jsonSettings(response);
    const write = (value: unknown) => writeJson(value, settings);
    const given = new ResponseData(this.#valueOf(values, text, write), write, text);
    this.#state = 'held';
    const release = holdResponse(response, (action) => hooks[0]?.refused(action));
    let data = given;
    let next: NextFunction | undefined;
    try {
      for (const hook of hooks) {
        ({ next } = hook);
        data = await hook.run(data);
      }
      const sent = data === given ? text : written(data, settings);
      this.#giveBack(release);
      this.#send.call(response, sent);
    } catch (error) {
      this.#giveBack(release);
      if (contentType === undefined && !response.headersSent) {
        // It describes the response that is not sent.
        response.removeHeader('content-type');
      }
      next?.(error);
    }
  }

  /** The value that Express wrote. Express 4 also takes a status, before or after the value. */
  #valueOf(given: unknown[], text: string, write: WriteJson): unknown {
    if (given.length === 1 && !this.#isWrapped) {
      return given[0];
    }
    const index = given.findIndex((value) => write(value) === text);
    return index < 0 ? JSON.parse(text) : given[index];
  }

  /** Ends the hooks' part: the next response is theirs, or an error handler's. */
  #giveBack(release: () => void): void {
    if (this.#state === 'held') {
      this.#state = 'done';
      release();
    }
  }
}

function written({ value, json }: ResponseData, settings: JsonSettings): string | undefined {
  return json === undefined ? writeJson(value, settings) : rewriteJson(json.value, settings);
}

/** Whether the text comes from `res.json`, and not from a `res.send` that overtook a library which writes JSON later. */
function isJson(response: ExpressResponse): boolean {
  return response.getHeader('content-type') !== undefined;
}
