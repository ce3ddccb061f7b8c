import { Agent, request } from 'node:http';
import { NoAnswerError } from './no-answer-error.mjs';

/**
 * @typedef {object} HttpAnswer
 * @property {number} status
 * @property {any} body
 */

/** The connections to the server. */
export class Http {
  #agent = new Agent({ keepAlive: true });
  #url;
  #patienceMs;

  /**
   * @param {string} url
   * @param {number} patienceMs the most time for a response
   */
  constructor(url, patienceMs) {
    this.#url = url;
    this.#patienceMs = patienceMs;
  }

  /**
   * Sends a request.
   *
   * @param {string} method
   * @param {string} path
   * @param {object} [content]
   * @param {Uint8Array | object} [content.body] bytes, or what to write as JSON
   * @param {Record<string, string>} [content.headers]
   * @param {number} [content.dropAfterMs] closes the connection after this time, unless the response has arrived
   * @returns {Promise<HttpAnswer | undefined>} nothing if the connection was closed
   * @throws {NoAnswerError} if no response arrives
   */
  async send(method, path, content) {
    const answer = await this.#exchange(method, path, content);
    return answer && { status: answer.status, body: JSON.parse(answer.text) };
  }

  #exchange(method, path, { body, headers = {}, dropAfterMs } = {}) {
    const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body ?? {}));
    const type = body instanceof Uint8Array ? 'application/wasm' : 'application/json';
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#url), {
        method,
        agent: this.#agent,
        headers: { 'content-type': type, 'content-length': bytes.length, ...headers },
      });
      const timer = setTimeout(() => {
        if (dropAfterMs === undefined) {
          reject(new NoAnswerError(this.#patienceMs));
        } else {
          resolve();
        }
        // The error that this causes comes too late to matter.
        sent.destroy();
      }, dropAfterMs ?? this.#patienceMs);
      const fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      sent.on('error', fail);
      sent.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
        });
      });
      sent.end(bytes);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
