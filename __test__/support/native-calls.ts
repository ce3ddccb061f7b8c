// Calls on their way to the addon.

import { NativeRuntime } from '../../native';

type CallHook = ReturnType<NativeRuntime['prepareHook']>;

/** Calls of one hook as the addon gets them, from hooks that are prepared from now on. */
export interface NativeCalls {
  /** The first argument is the addon's function. */
  readonly spy: jest.Mock<number | string, [CallHook, ...Parameters<CallHook>]>;
  restore(): void;
}

export function spyOnNativeCalls(): NativeCalls {
  const spy: NativeCalls['spy'] = jest.fn((call, ...given) => call(...given));
  const { prepareHook } = NativeRuntime.prototype;
  const prepared = jest.spyOn(NativeRuntime.prototype, 'prepareHook').mockImplementation(function prepare(
    this: NativeRuntime,
    ...names
  ) {
    const call = prepareHook.apply(this, names);
    return (...given) => spy(call, ...given);
  });
  return { spy, restore: () => prepared.mockRestore() };
}
