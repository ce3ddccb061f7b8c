import { BATCH_NUMBERS, REPLY_NUMBERS, STEP_NUMBERS } from '../../native.js';
import type { CallReply, Usage } from '../result.js';

/**
 * The addon writes the numbers of replies here. All runtimes of this thread share it, because they are read as soon as they are
 * written.
 */
export const replyNumbers = new Float64Array(BATCH_NUMBERS);

/** Reads the reply with this text whose numbers begin at `index`. */
export function replyAt(index: number, text: string, where: Usage['where']): CallReply {
  const fuel = replyNumbers[index + 2] as number;
  if (Number.isNaN(fuel)) {
    return { text, usage: undefined, steps: undefined };
  }
  const usage = {
    fuel: known(fuel),
    memoryBytes: replyNumbers[index + 3] as number,
    queueMs: replyNumbers[index + 4] as number,
    runMs: replyNumbers[index + 5] as number,
    where,
  };
  const count = replyNumbers[index + 6] as number;
  return { text, usage, steps: count === 0 ? undefined : readSteps(index + REPLY_NUMBERS, count, where) };
}

/** Where the numbers of the next reply begin. */
export function nextReply(index: number): number {
  return index + REPLY_NUMBERS + (replyNumbers[index + 6] as number) * STEP_NUMBERS;
}

function readSteps(start: number, count: number, where: Usage['where']): Usage[] {
  const steps: Usage[] = [];
  for (let step = 0; step < count; step += 1) {
    const index = start + step * STEP_NUMBERS;
    steps.push({
      fuel: known(replyNumbers[index] as number),
      memoryBytes: replyNumbers[index + 1] as number,
      queueMs: 0,
      runMs: replyNumbers[index + 2] as number,
      where,
    });
  }
  return steps;
}

function known(fuel: number): number | null {
  return fuel < 0 ? null : fuel;
}
