// By name, from the one CommonJS copy: `import` and `require` share each class.
export { errorCodes, faultCodes, HookcellError, limitDescriptions, WasmRuntime } from './index.js';
