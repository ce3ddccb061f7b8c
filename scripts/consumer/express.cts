import hookcell = require('hookcell');
import adapter = require('hookcell/express');

export const handler = adapter.wasmHooks(new hookcell.WasmRuntime(), { after: new URL('file:///plugin.wasm') });
