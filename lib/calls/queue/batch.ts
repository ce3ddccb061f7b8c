import { BATCH_HEAD, BATCH_NUMBERS, REPLY_NUMBERS } from '../../native.js';
import type { NativeRuntime } from '../../native.js';
import type { CallReply, Usage } from '../result.js';

/** What is left after some replies were taken. */
export interface Taken {
  /** How many were taken. */
  readonly count: number;
  readonly isLeft: boolean;
}

/** Takes replies from the addon; see `replyTaker` of the addon. */
type TakeReplies = ReturnType<NativeRuntime['replyTaker']>;

/** Each runtime's function. It does not keep the runtime alive. */
const takers = new WeakMap<NativeRuntime, TakeReplies>();

/** The addon writes here. All runtimes of this thread share it, because replies are read as soon as they are written. */
const numbers = new Float64Array(BATCH_NUMBERS);

/**
 * Takes a batch of replies of at most this many bytes, at least one if `atLeastOne` is set, and gives each to `deliver`,
 * which must not throw.
 */
export function takeReplies(
  native: NativeRuntime,
  mostBytes: number,
  atLeastOne: boolean,
  deliver: (call: number, reply: CallReply) => void,
): Taken {
  let take = takers.get(native);
  if (take === undefined) {
    take = native.replyTaker();
    takers.set(native, take);
  }
  const texts = take(numbers, mostBytes, atLeastOne);
  const [count, left] = numbers as unknown as [number, number];
  let start = 0;
  let index = BATCH_HEAD;
  for (let read = 0; read < count; read += 1) {
    const end = start + (numbers[index + 1] as number);
    deliver(numbers[index] as number, { text: texts.slice(start, end), usage: readUsage(index + 2), where: 'pool' });
    start = end;
    index += REPLY_NUMBERS;
  }
  return { count, isLeft: left === 1 };
}

function readUsage(index: number): Usage | undefined {
  const fuel = numbers[index] as number;
  if (Number.isNaN(fuel)) {
    return undefined;
  }
  return {
    fuel: fuel < 0 ? null : fuel,
    memoryBytes: numbers[index + 1] as number,
    queueMs: numbers[index + 2] as number,
    runMs: numbers[index + 3] as number,
    where: 'pool',
  };
}
