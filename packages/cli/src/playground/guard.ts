import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is not served, as an HTTP status. */
export type Refusal = 403 | 405 | 415;

/**
 * Who may use the page. Other programs of this machine can connect to it, and a page of another site can make the user's browser
 * connect to it, also under another name that leads here (DNS rebinding). So every request must name this address as its host,
 * come from no other site, and have the token in its path.
 */
export class Guard {
  readonly #token: Buffer;

  /**
   * @param token - what only the user knows
   * @param port - the port of the server
   */
  constructor(
    token: string,
    readonly port: number,
  ) {
    this.#token = digest(token);
  }

  /** The path of a request after the token, or why the request is refused. */
  check({ method, headers, url = '' }: IncomingMessage): string | Refusal {
    const { host, origin, 'sec-fetch-site': site = 'none', 'content-type': type } = headers;
    const [pathname = ''] = url.split('?', 1);
    const [, token = '', ...rest] = pathname.split('/');
    const isOurs = host === `127.0.0.1:${this.port}` && timingSafeEqual(digest(token), this.#token);
    const isFromHere = origin === undefined || origin === `http://${host}`;
    if (!isOurs || !isFromHere || (site !== 'none' && site !== 'same-origin')) {
      return 403;
    }
    if (method === 'POST') {
      // Another site cannot send this type without asking first.
      return type === 'application/json' ? rest.join('/') : 415;
    }
    return method === 'GET' ? rest.join('/') : 405;
  }
}

/** Digests have one length, and comparing them tells nothing about the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
