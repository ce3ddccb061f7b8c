import { HTTPException } from 'hono/http-exception';

import { honoAdapter } from './adapter.js';

export type { HonoAdapter, WasmHooksMiddleware, WasmHooksOptions } from './adapter.js';
export * from '../hooks/shared-exports.js';

const adapter = honoAdapter(HTTPException);

export const { wasmHooks } = adapter;

/** The exception that ends a request. See {@link HonoAdapter.HookException}. */
// A type and a value of one name, as a class is.
// oxlint-disable-next-line no-redeclare
export const { HookException } = adapter;
export type HookException = InstanceType<typeof HookException>;
