import type { WasmRuntime } from 'hookcell';
import type { HookOptions } from 'hookcell/express';

/** What requests have in all frameworks. */
export type AnyRequest = { headers: NodeJS.Dict<string | string[]>; body?: any };
/** Options of every adapter, for requests and contexts of any type. */
export type Options = HookOptions<AnyRequest, any, any, any, any>;

/** How a handler responds: with JSON that hooks may change, or with text that it sends itself, past the hooks. */
export type Handled = { status?: number; json: unknown } | { sent: string };

/** A route that takes `POST /` with JSON. */
export interface Route {
  runtime: WasmRuntime;
  hooks: Options;
  /** Gets the input as the hooks left it. */
  handle: (input: any) => Handled;
}

/** Serves a route as users of the framework would. */
export type Driver = (route: Route) => Promise<{ url: string; close(): Promise<void> }>;
