import { AssertionError } from 'node:assert';

import { HookRejection } from '../hooks/rejection.js';
import type { FaultCode } from '../errors.js';
import type { Accepted, Faulted, PluginResult, Rejected } from '../calls/result.js';

/**
 * Asserts that the plugin accepts.
 *
 * @throws `AssertionError` that says what it did instead
 */
export function assertAccepted<I extends object, D>(
  result: PluginResult<I, D>,
): asserts result is Extract<PluginResult<I, D>, Accepted<I, D>> {
  if (!result.ok) {
    fail('accepted', describe(result), assertAccepted);
  }
}

/**
 * Asserts that the plugin, or a native hook, rejects.
 *
 * @param error - the expected reason, or a pattern for it. Default: any reason
 * @throws `AssertionError` that says what it did instead
 */
export function assertRejected<T>(
  result: T,
  error?: string | RegExp,
): asserts result is Extract<T, Rejected | HookRejection> {
  const rejection = rejectionIn(result);
  if (rejection === undefined) {
    fail('rejected', describe(result), assertRejected);
  }
  if (
    error !== undefined &&
    !(typeof error === 'string' ? rejection.error === error : error.test(rejection.error ?? ''))
  ) {
    fail(`rejected with ${String(error)}`, describe(result), assertRejected);
  }
}

/**
 * Asserts that the plugin faults.
 *
 * @param code - the expected code. Default: any fault
 * @throws `AssertionError` that says what it did instead
 */
export function assertFaulted(result: PluginResult<object>, code?: FaultCode): asserts result is Faulted {
  if (result.fault === undefined || (code !== undefined && result.fault.code !== code)) {
    fail(code === undefined ? 'failed' : `failed with ${code}`, describe(result), assertFaulted);
  }
}

function rejectionIn(result: unknown): { error?: string } | undefined {
  if (result instanceof HookRejection) {
    return result;
  }
  const { ok, fault, error } = (result ?? {}) as Partial<Rejected>;
  if (ok !== false || fault !== undefined) {
    return undefined;
  }
  return error === undefined ? {} : { error };
}

function describe(result: unknown): string {
  const { ok, fault } = (result ?? {}) as Partial<PluginResult>;
  if (fault !== undefined) {
    return `failed with ${fault.code}: ${fault.message}`;
  }
  const rejection = rejectionIn(result);
  if (rejection !== undefined) {
    return `rejected with ${rejection.error ?? 'no reason'}: ${JSON.stringify((result as Rejected).details ?? [])}`;
  }
  return ok === true ? 'accepted' : `gave ${JSON.stringify(result) ?? 'nothing'}`;
}

// oxlint-disable-next-line typescript/no-restricted-types -- the stack starts at the caller of the assertion
function fail(expected: string, actual: string, stackStartFn: (...args: never[]) => unknown): never {
  throw new AssertionError({ message: `it should have ${expected}, but ${actual}`, expected, actual, stackStartFn });
}
