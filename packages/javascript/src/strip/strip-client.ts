import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';

import { HookcellError } from 'hookcell';

import type { StripEnd, StripLimits } from './strip-process.js';
import type { StripReply, StripRequest } from './strip-server.js';

/** The sources that the program has, by their numbers. */
const waiting = new Map<number, { resolve: (end: StripEnd) => void; reject: (error: Error) => void }>();
let program: ChildProcess | undefined;
let lastId = 0;

/** Has a process ready for the next source. */
export function prepareStripping(limits: StripLimits): void {
  send({ kind: 'prepare', limits });
}

/**
 * Has types removed from a source by a process of its own.
 *
 * @throws {@link HookcellError} `ERR_INTERNAL` if the program that starts it cannot be started, or ends
 */
export async function stripInProcess(
  source: string,
  limits: StripLimits,
  signal: AbortSignal | undefined,
): Promise<StripEnd> {
  const id = (lastId += 1);
  const leave = () => send({ kind: 'leave', id });
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await new Promise<StripEnd>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send({ kind: 'strip', id, source, limits });
      keepAlive();
    });
  } finally {
    signal?.removeEventListener('abort', leave);
    waiting.delete(id);
    keepAlive();
  }
}

function send(request: StripRequest): void {
  program ??= start();
  program.send(request, (error) => {
    if (error !== null) {
      lost(error.message);
    }
  });
}

function start(): ChildProcess {
  const file = path.join(__dirname, 'strip-server.js');
  const child = fork(file, [], { execArgv: [], env: {}, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.on('message', ({ id, end }: StripReply) => waiting.get(id)?.resolve(end));
  const end = () => {
    if (program === child) {
      lost('it ended');
    }
  };
  child.on('error', end);
  child.on('exit', end);
  program = child;
  keepAlive();
  return child;
}

/** All sources that the program has are lost; the next one starts another. */
function lost(reason: string): void {
  program?.kill();
  program = undefined;
  for (const { reject } of waiting.values()) {
    reject(new HookcellError('ERR_INTERNAL', `the program that removes types failed: ${reason}`));
  }
}

/** The program keeps the server alive only while it has a source. */
function keepAlive(): void {
  const how = waiting.size > 0 ? 'ref' : 'unref';
  program?.[how]();
  program?.channel?.[how]();
}
