import { setImmediate } from 'node:timers';

/** The most time in one turn of the event loop for calls on its own thread, in milliseconds; the last one may exceed it. */
const TURN_MS = 2;

/** The text of a reply that takes about a millisecond to read. */
const LENGTH_PER_MS = 65_536;

let isWanted = false;
let spentMs = 0;
let isTurnCounted = false;

/** Calls may run on the event loop's thread from now on: some option `inlineFuel` is set. */
export function wantInline(): void {
  isWanted = true;
}

/** Whether a call may run on the event loop's thread now. All runtimes of the thread share the time. */
export function mayRunInline(): boolean {
  return isWanted && spentMs < TURN_MS;
}

/**
 * Counts the time of a call for the current turn of the event loop.
 *
 * @param start - when it began, by `performance.now()`
 * @param length - the length of its reply, which is read later
 */
export function countInlineTime(start: number, length: number): void {
  spentMs += performance.now() - start + length / LENGTH_PER_MS;
  if (!isTurnCounted) {
    isTurnCounted = true;
    setImmediate(endTurn);
  }
}

function endTurn(): void {
  isTurnCounted = false;
  spentMs = 0;
}
