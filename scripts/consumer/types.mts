import { HookcellError, WasmRuntime } from 'hookcell';
import type { ErrorCode, FaultCode, PluginResult } from 'hookcell';

interface SignUp {
  email: string;
}

export async function signUp(input: SignUp): Promise<string | FaultCode | ErrorCode> {
  const runtime = new WasmRuntime({ maxMemoryPages: 16, timeoutMs: 50 });
  try {
    await runtime.loadPlugin(new URL('plugin.wasm', import.meta.url));
    const result: PluginResult<SignUp> = await runtime.callHook<SignUp>('plugin', 'before_hook', { input });
    if (result.ok) {
      return result.ctx.input.email;
    }
    return result.fault === undefined ? String(result.error) : result.fault.code;
  } catch (error) {
    if (error instanceof HookcellError) {
      return error.code;
    }
    throw error;
  } finally {
    await runtime.close();
  }
}

// @ts-expect-error: a page count is a number.
export const wrong = new WasmRuntime({ maxMemoryPages: 'many' });
