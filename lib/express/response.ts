import type { WatchedResponse } from '../hooks/request/client-watch.js';

/** What the middleware needs of a response; that of Express 4 and that of Express 5 fit. */
export interface HookResponse extends WatchedResponse {
  statusCode: number;
  readonly headersSent: boolean;
  json(body?: unknown): unknown;
  setHeader(name: string, value: string): unknown;
  /** Whose settings say how JSON is written. */
  readonly app?: { get(name: string): unknown } | undefined;
}

/** What the middleware needs of Express's `next`. */
export type NextFunction = (error?: unknown) => void;
