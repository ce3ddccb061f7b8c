import type { ServerResponse } from 'node:http';

/** The most pages that are told of changes. */
const MOST_PAGES = 16;

/** Tells open pages that the plugin changed, as server-sent events. */
export class EventStream {
  readonly #pages = new Set<ServerResponse>();

  /** Keeps a response open. The oldest page is told nothing more if there are too many. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1000\n\n');
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
    const [oldest] = this.#pages;
    if (this.#pages.size > MOST_PAGES) {
      oldest?.end();
    }
  }

  /** Tells every page that there is something new. */
  tell(): void {
    for (const page of this.#pages) {
      page.write('event: change\ndata: {}\n\n');
    }
  }

  /** Ends the responses. */
  close(): void {
    for (const page of this.#pages) {
      page.end();
    }
  }
}
