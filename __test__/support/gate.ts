import { NativeRuntime } from '../../native';

/** A call that the addon was handed, and has not settled. */
export interface HandedCall {
  plugin: string;
  /** Settles it, with an answer that the plugin accepts. */
  finish(): void;
}

/** A stand-in for the addon that takes calls and settles them when it is told to. */
export interface Gate {
  /** The calls under way, in the order they were handed over. */
  handed: HandedCall[];
  /** How many were under way at once, at most. */
  most: number;
  /** Settles the first one, and waits until another has had the time to come. */
  finishNext(): Promise<void>;
  /** Settles all, those to come as well. */
  open(): void;
  restore(): void;
}

const REPLY = '{"ok":true,"usage":{"fuel":1,"memoryBytes":65536,"queueMs":0,"runMs":0.5}}';

/** Takes the place of the addon's `callHook`, so that a test decides when a call ends. */
export function closeGate(): Gate {
  let isOpen = false;
  const spy = jest.spyOn(NativeRuntime.prototype, 'callHook').mockImplementation((plugin) => {
    if (isOpen) {
      return Promise.resolve(REPLY);
    }
    return new Promise((resolve) => {
      const call = {
        plugin,
        finish() {
          gate.handed.splice(gate.handed.indexOf(call), 1);
          resolve(REPLY);
        },
      };
      gate.handed.push(call);
      gate.most = Math.max(gate.most, gate.handed.length);
    });
  });
  const gate: Gate = {
    handed: [],
    most: 0,
    async finishNext() {
      gate.handed[0]?.finish();
      await new Promise(setImmediate);
    },
    open() {
      isOpen = true;
      for (const call of gate.handed.slice()) {
        call.finish();
      }
    },
    restore: () => spy.mockRestore(),
  };
  return gate;
}
