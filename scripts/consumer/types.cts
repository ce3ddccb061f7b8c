import hookcell = require('hookcell');

export const runtime: hookcell.WasmRuntime = new hookcell.WasmRuntime();
export const codes: readonly string[] = Object.keys(hookcell.errorCodes);

// @ts-expect-error: an error has one of the known codes.
export const wrong = new hookcell.HookcellError('ERR_UNHEARD_OF', '');
