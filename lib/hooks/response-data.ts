import { contextError } from '../calls/context.js';
import { applyJsonChanges } from './json-changes.js';

/** Writes a value of the server as the JSON that the client gets. `undefined` if it has no JSON. */
export type WriteJson = (value: unknown) => string | undefined;

/**
 * What a handler responds with, in two forms: the value, which the server's functions see, and the JSON that the client
 * would get, which plugins see.
 */
export class ResponseData {
  readonly value: unknown;
  /** The JSON value, if a plugin made it. The client gets it as it is. */
  readonly json: { readonly value: unknown } | undefined;
  readonly #write: WriteJson;
  #text: string | undefined;

  /**
   * @param value - what the handler responds with
   * @param write - how the framework writes it
   * @param text - the JSON, if it is written already
   */
  constructor(value: unknown, write: WriteJson = JSON.stringify, text?: string, json?: { value: unknown }) {
    this.value = value;
    this.json = json;
    this.#write = write;
    this.#text = text;
  }

  /** The JSON that the client would get. */
  get text(): string {
    this.#text ??= this.json === undefined ? this.#written() : JSON.stringify(this.json.value);
    return this.#text;
  }

  /** The data with another value of the server. */
  withValue(value: unknown): ResponseData {
    return new ResponseData(value, this.#write);
  }

  /** The data as changed by a plugin that was given {@link ResponseData.text}. */
  withJson(changed: unknown): ResponseData {
    const value = applyJsonChanges(this.value, JSON.parse(this.text), changed);
    return value === this.value ? this : new ResponseData(value, this.#write, undefined, { value: changed });
  }

  #written(): string {
    let text: string | undefined;
    try {
      text = this.#write(this.value);
    } catch (cause) {
      throw contextError(`data cannot be written as JSON: ${(cause as Error).message}`, { cause });
    }
    if (text === undefined) {
      throw contextError('data cannot be written as JSON: JSON.stringify gives nothing for it');
    }
    return text;
  }
}
