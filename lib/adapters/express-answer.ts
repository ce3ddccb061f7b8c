import type { WatchedResponse } from './client-watch.js';

/** What the middleware needs of a response; that of Express 4 and that of Express 5 fit. */
export interface HookResponse extends WatchedResponse {
  statusCode: number;
  readonly headersSent: boolean;
  json(body?: unknown): unknown;
  setHeader(name: string, value: string): unknown;
}

/** What the middleware needs of Express's `next`. */
export type NextFunction = (error?: unknown) => void;

/**
 * Puts a function in the place of `res.json` that hands the answer to the hooks before it is sent.
 *
 * @param errorsToo - whether an answer with a status of 400 or more is one for them
 * @param run - resolves the answer as the hooks leave it
 */
export function replaceJson(
  response: HookResponse,
  next: NextFunction,
  errorsToo: boolean,
  run: (data: unknown) => Promise<unknown>,
): void {
  const json = response.json;
  let answering = false;

  async function answer(body: unknown, status: number): Promise<void> {
    let data: unknown;
    try {
      data = await run(body);
    } catch (error) {
      response.json = json;
      next(error);
      return;
    }
    if (response.headersSent) {
      // By an error handler, where the handler failed after it had answered, or in a way that is not for hooks.
      return;
    }
    response.json = json;
    response.statusCode = status;
    try {
      response.json(data);
    } catch (error) {
      next(error);
    }
  }

  response.json = (body) => {
    // An error handler has the last word, also where the handler failed after it had answered.
    const isError = response.statusCode >= 400 && (answering || !errorsToo);
    if (response.headersSent || body === undefined || isError) {
      return json.call(response, body);
    }
    if (answering) {
      // Node would throw too, had the first answer been sent at once.
      throw Object.assign(new Error('the request has been answered already'), { code: 'ERR_HTTP_HEADERS_SENT' });
    }
    answering = true;
    void answer(body, response.statusCode);
    return response;
  };
}
