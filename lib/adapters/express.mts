export { wasmHooks } from './express.js';
export type {
  CallerOptions,
  HookCaller,
  HookRequest,
  HookResponse,
  HookTarget,
  NextFunction,
  RequestValue,
  WasmHooksHandler,
  WasmHooksOptions,
} from './express.js';
