// Compiled, not run: an ES module sees the same types as CommonJS.

import { createRequire } from 'node:module';

import { errorCodes, faultCodes, HookcellError, WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';
import { hookcell } from 'hookcell/fastify';
import hookcellDefault from 'hookcell/fastify';
import { HookcellModule, HookcellService } from 'hookcell/nest';

type CommonJs = typeof import('hookcell', { with: { 'resolution-mode': 'require' } });
const required = createRequire(import.meta.url)('hookcell') as CommonJs;

export const runtime: InstanceType<CommonJs['WasmRuntime']> = new WasmRuntime();
export const same: WasmRuntime = new required.WasmRuntime();
export const options: WasmHooksOptions = { before: 'plugin' };
export const handler = wasmHooks(runtime, options);
export const plugin: typeof hookcell = hookcellDefault;
export const codes = [errorCodes.ERR_CLOSED, faultCodes.ERR_FUEL, new HookcellError('ERR_CLOSED', 'it is closed').code];
export const result: Promise<PluginResult> = runtime.callHook('plugin', 'before_hook', { input: {} });
export const module = HookcellModule.forRoot({ plugins: ['plugin'] });
export const service: InstanceType<CommonJs['WasmRuntime']> = new HookcellService();
