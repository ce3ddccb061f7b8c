import { Queue } from 'bullmq';
import type { BackendFactory, QueueOptions } from 'bullmq';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, createHookWorker } from 'hookcell/bullmq';
import type { DeadHook, HookOutcome, HookQueueOptions, HookWorkerOptions } from 'hookcell/bullmq';

let lastQueue = 0;

/** What has the queues of tests. */
export interface QueueServer {
  /** Options of a connection. */
  connection(): object;
  /** Where the queues are, if not in Redis. */
  readonly backend?: BackendFactory<any, any>;
}

/** A server that adds jobs and a machine that runs them, new for each test. */
export function useMachines({ connection, backend }: QueueServer) {
  const closing: (() => Promise<unknown>)[] = [];
  const server = { runtime: new WasmRuntime(), name: '' };

  beforeEach(() => {
    server.runtime = new WasmRuntime({ logger: false });
    lastQueue += 1;
    server.name = `hooks-${lastQueue}`;
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) {
      await close();
    }
    await server.runtime.close({ interrupt: true });
  });

  function queue(options: Partial<QueueOptions> = {}): Queue {
    const made = new Queue<any, any, any, any, any, any, any, any>(
      server.name,
      { connection: connection() as never, ...options },
      backend as BackendFactory<any, any>,
    ) as Queue;
    closing.push(() => made.close());
    return made;
  }

  return {
    server,
    queue,
    hooks: (options: Omit<HookQueueOptions, 'queue'>) =>
      createHookQueue(server.runtime, { queue: queue(), backoffMs: 10, ...options }),

    /** Starts a worker that keeps what it is told. */
    work(options: Partial<HookWorkerOptions> = {}, runtime = server.runtime) {
      const outcomes: HookOutcome[] = [];
      const dead: DeadHook[] = [];
      const lines: string[] = [];
      const worker = createHookWorker(runtime, {
        queue: server.name,
        bullmq: { connection: connection() as never },
        ...(backend && { backend }),
        backoffMs: 20,
        maxBackoffMs: 50,
        onResult: (outcome) => outcomes.push(outcome),
        onDead: (each) => dead.push(each),
        logger: { warn: (line) => lines.push(line) },
        ...options,
      });
      closing.push(() => worker.close());
      return { worker, outcomes, dead, lines };
    },

    /** A machine without plugins. */
    machine(): WasmRuntime {
      const runtime = new WasmRuntime({ logger: false });
      closing.push(() => runtime.close());
      return runtime;
    },
  };
}
