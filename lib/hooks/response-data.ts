import { contextError } from '../calls/context.js';
import { applyJsonChanges } from './json-changes.js';

/** Writes a value of the server's as the JSON that the client gets; gives `undefined` where there is none. */
export type WriteJson = (value: unknown) => string | undefined;

/**
 * What a handler answers, in the two forms it has: the value that the server's functions see, and the JSON that the client
 * would get of it, which plugins see.
 */
export class ResponseData {
  readonly value: unknown;
  /** The JSON of it, where a plugin made it: it is for the client as it is. */
  readonly json: { readonly value: unknown } | undefined;
  readonly #write: WriteJson;
  #text: string | undefined;

  /**
   * @param value - what the handler answers
   * @param write - how the framework writes it
   * @param text - the JSON, where it is written already
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

  /** The answer with a value of the server's own in place of this one. */
  withValue(value: unknown): ResponseData {
    return new ResponseData(value, this.#write);
  }

  /** The answer as a plugin changed it, which was given {@link ResponseData.text}. */
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
      throw contextError('data cannot be written as JSON: there is nothing to write');
    }
    return text;
  }
}
