import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { UsageError } from '../exit.js';
import { EventStream } from './event-stream.js';
import { Guard } from './guard.js';
import { pageFiles, pageHeaders } from './page-files.js';
import type { Playground } from './playground.js';

/** The most bytes of a request: more text than a page can edit. */
const MOST_BYTES = 32 * 1_048_576;

/** Serves the page to this machine's user alone. */
export class PlaygroundServer {
  readonly #events = new EventStream();

  private constructor(
    readonly playground: Playground,
    readonly server: Server,
    readonly guard: Guard,
    /** Where the page is; it contains the token. */
    readonly url: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response));
  }

  /** Listens on a port that is free, on this machine's own address. */
  static async start(playground: Playground): Promise<PlaygroundServer> {
    const server = createServer({ requestTimeout: 30_000 });
    server.maxConnections = 64;
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const token = randomBytes(32).toString('base64url');
    const url = `http://127.0.0.1:${port}/${token}/`;
    return new PlaygroundServer(playground, server, new Guard(token, port), url);
  }

  /** Tells open pages that the plugin or a fixture changed. */
  tellChange(): void {
    this.#events.tell();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#events.close();
    this.server.close();
    this.server.closeAllConnections();
    await this.playground.session.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(pageHeaders)) {
      response.setHeader(name, value);
    }
    try {
      const path = this.guard.check(request);
      await (typeof path === 'number' ? response.writeHead(path).end() : this.#answer(path, request, response));
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      // The page shows the message to the user, whose command this is.
      const isUse = error instanceof UsageError;
      sendJson(response, isUse ? 400 : 500, { error: isUse ? error.message : String(error) });
    }
  }

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { playground } = this;
    switch (`${request.method} ${path}`) {
      case 'GET state':
        return sendJson(response, 200, await playground.state());
      case 'GET events':
        return this.#events.add(response);
      case 'POST run':
        return sendJson(response, 200, await playground.run(await readJson(request)));
      case 'POST save':
        return sendJson(response, 200, await playground.save(await readJson(request)));
      default:
        return sendFile(response, request.method === 'GET' ? path : undefined);
    }
  }
}

async function sendFile(response: ServerResponse, path: string | undefined): Promise<void> {
  const file = path === undefined ? undefined : pageFiles.get(path);
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const content = await file.read();
  response.writeHead(200, { 'content-type': file.type }).end(content);
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) {
      throw new UsageError(`the request is longer than ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new UsageError(`the request is not JSON: ${(error as Error).message}`);
  }
}
