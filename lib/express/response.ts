import type { WatchedResponse } from '../hooks/request/client-watch.js';

/** The part of a response that the middleware needs. Responses of Express 4 and Express 5 fit. */
export interface HookResponse extends WatchedResponse {
  statusCode: number;
  readonly headersSent: boolean;
  json(body?: unknown): unknown;
  setHeader(name: string, value: string): unknown;
  /** Its settings define how JSON is written. */
  readonly app?: { get(name: string): unknown } | undefined;
}

/** Express's `next`. */
export type NextFunction = (error?: unknown) => void;
