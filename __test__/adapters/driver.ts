import type { WasmRuntime } from 'hookcell';
import type { HookOptions } from 'hookcell/express';

/** What the requests of all frameworks have. */
export type AnyRequest = { headers: NodeJS.Dict<string | string[]>; body?: any };
/** Options of every adapter, for requests and contexts of whatever shape. */
export type Options = HookOptions<AnyRequest, any, any, any, any>;

/** How a handler answers: with JSON that hooks may change, or by sending a text itself, past them. */
export type Handled = { status?: number; json: unknown } | { sent: string };

/** A route that takes `POST /` with JSON. */
export interface Route {
  runtime: WasmRuntime;
  hooks: Options;
  /** Given the input as the hooks left it. */
  handle: (input: any) => Handled;
}

/** Serves a route the way a framework's users would. */
export type Driver = (route: Route) => Promise<{ url: string; close(): Promise<void> }>;
