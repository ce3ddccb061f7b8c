// The program that starts a process of esbuild for each source, and passes text between it and the server. Starting one from the
// server itself would hold its event loop: the system copies the tables of all the memory that the server has.
import { StripProcess } from './strip-process.js';
import type { StripEnd, StripLimits } from './strip-process.js';

/** What the program is told: to strip a source, to leave it, or to have a process ready. */
export type StripRequest =
  | { kind: 'strip'; id: number; source: string; limits: StripLimits }
  | { kind: 'leave'; id: number }
  | { kind: 'prepare'; limits: StripLimits };

/** What it answers. */
export interface StripReply {
  id: number;
  end: StripEnd;
}

const running = new Map<number, StripProcess>();
/** A process that waits for the next source, so that none waits for it to start. */
let spare: StripProcess | undefined;

function take(limits: StripLimits): StripProcess {
  const taken = spare;
  spare = undefined;
  if (taken !== undefined && !taken.hasEnded && isSame(taken.limits, limits)) {
    return taken;
  }
  taken?.kill();
  return new StripProcess(limits);
}

function isSame(one: StripLimits, other: StripLimits): boolean {
  return one.timeoutMs === other.timeoutMs && one.maxStripBytes === other.maxStripBytes;
}

function prepare(limits: StripLimits): void {
  spare = take(limits);
}

async function strip(id: number, source: string, limits: StripLimits): Promise<void> {
  const child = take(limits);
  running.set(id, child);
  const end = await child.strip(source);
  running.delete(id);
  if (process.connected) {
    process.send?.({ id, end } satisfies StripReply);
    setImmediate(() => prepare(limits));
  }
}

process.on('message', (request: StripRequest) => {
  if (request.kind === 'strip') {
    void strip(request.id, request.source, request.limits);
  } else if (request.kind === 'leave') {
    running.get(request.id)?.kill();
  } else {
    prepare(request.limits);
  }
});

// The server has ended.
process.on('disconnect', () => {
  for (const child of running.values()) {
    child.kill();
  }
  spare?.kill();
  process.exit();
});
