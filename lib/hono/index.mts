import { HTTPException } from 'hono/http-exception';

import { honoAdapter } from './adapter.js';

// Hono is two modules, one for `import` and one for `require`, each with its own `HTTPException`. An exception of hooks is an
// instance of the one that the application imports.
const adapter = honoAdapter(HTTPException);

export const { wasmHooks } = adapter;
// A type and a value of one name, as a class is.
// oxlint-disable-next-line no-redeclare
export const { HookException } = adapter;
export type HookException = InstanceType<typeof HookException>;

// The values by name: a star would also export `__esModule`.
export { failureOf, HookProblem, HookRejection, hookStats, reject } from './index.js';
export type * from '../hooks/shared-exports.js';
export type { HonoAdapter, WasmHooksMiddleware, WasmHooksOptions } from './adapter.js';
