import { BATCH_HEAD } from '../../native.js';
import type { NativeRuntime } from '../../native.js';
import type { CallReply } from '../result.js';
import { nextReply, replyAt, replyNumbers } from './reply-numbers.js';

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
  const texts = take(replyNumbers, mostBytes, atLeastOne);
  const [count, left] = replyNumbers as unknown as [number, number];
  let start = 0;
  let index = BATCH_HEAD;
  for (let read = 0; read < count; read += 1) {
    const call = replyNumbers[index] as number;
    const end = start + (replyNumbers[index + 1] as number);
    const reply = replyAt(index, texts.slice(start, end), 'pool');
    start = end;
    index = nextReply(index);
    deliver(call, reply);
  }
  return { count, isLeft: left === 1 };
}
