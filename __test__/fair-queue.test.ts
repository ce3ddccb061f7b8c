// Who runs and who waits, without an addon: the queue alone.

import { FairQueue } from '../dist/fair-queue';
import type { QueueLimits } from '../dist/fair-queue';
import type { Tenant } from '../dist/tenant';
import { Waiting } from '../dist/waiting';
import type { WaitEnd } from '../dist/waiting';

const NO_HURRY = 60_000;

/** The calls that have a slot, in the order they got it. */
let started: { label: string; slot: Tenant }[];
/** How each wait ended. */
let ends: Map<string, WaitEnd>;
let queue: FairQueue;

beforeEach(() => {
  jest.useFakeTimers();
  started = [];
  ends = new Map();
});

afterEach(() => {
  expect(queue.waiting).toBe(0);
  expect(queue.running).toBe(0);
  expect(queue.tenants).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function makeQueue(limits: Partial<QueueLimits> = {}): void {
  queue = new FairQueue({
    concurrency: 1,
    maxQueue: 1_000,
    maxConcurrencyPerTenant: 1,
    maxQueuePerTenant: 1_000,
    ...limits,
  });
}

function wait(label: string, tenant?: string, timeoutMs = NO_HURRY): Waiting {
  const waiting = queue.wait(tenant, timeoutMs);
  if (!(waiting instanceof Waiting)) {
    throw new TypeError(`${label} found no room: ${waiting}`);
  }
  void keepEnd(label, waiting);
  return waiting;
}

async function keepEnd(label: string, waiting: Waiting): Promise<void> {
  const how = await waiting.ended;
  ends.set(label, how);
  if (how === 'slot') {
    started.push({ label, slot: waiting.tenant });
  }
}

/** Starts a call, or lets it wait. */
function enter(label: string, tenant?: string): void {
  const slot = queue.start(tenant);
  if (slot === undefined) {
    wait(label, tenant);
  } else {
    started.push({ label, slot });
  }
}

/** Ends the calls that run, each time the one that started first, until none is left. */
async function drain(): Promise<string[]> {
  const order: string[] = [];
  for (let call = started.shift(); call !== undefined; call = started.shift()) {
    order.push(call.label);
    queue.end(call.slot);
    await settled();
  }
  return order;
}

/** Ends one call that runs. */
async function end(label: string): Promise<void> {
  const index = started.findIndex((call) => call.label === label);
  const [call] = started.splice(index, 1);
  queue.end((call as { slot: Tenant }).slot);
  await settled();
}

const labels = () => started.map(({ label }) => label);

async function settled(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

describe('slots', () => {
  test('are given at once while there are any', async () => {
    makeQueue({ concurrency: 2 });

    enter('a');
    enter('b');
    enter('c');

    expect(labels()).toEqual(['a', 'b']);
    expect([queue.running, queue.waiting]).toEqual([2, 1]);
    expect(await drain()).toEqual(['a', 'b', 'c']);
  });

  test('go to those who wait in the order they came', async () => {
    makeQueue();
    const calls = Array.from({ length: 50 }, (_, index) => `call ${index}`);

    for (const call of calls) {
      enter(call);
    }

    expect(await drain()).toEqual(calls);
  });

  test('are taken the moment they are given back, so that a call that comes then passes nobody', async () => {
    makeQueue();
    enter('runs');
    enter('waits');

    queue.end((started.shift() as { slot: Tenant }).slot);
    enter('comes');

    await settled();
    expect(labels()).toEqual(['waits']);
    expect(await drain()).toEqual(['waits', 'comes']);
  });
});

describe('tenants', () => {
  test('take turns, each with its own calls in order', async () => {
    makeQueue();
    enter('runs');
    for (const call of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) {
      enter(call, call[0]);
    }

    expect(await drain()).toEqual(['runs', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  test('share turns with the calls that name none, which are as one tenant', async () => {
    makeQueue();
    enter('runs');
    for (const call of ['1', '2', '3']) {
      enter(call);
    }
    enter('a1', 'a');
    enter('a2', 'a');

    expect(await drain()).toEqual(['runs', 'a1', '1', 'a2', '2', '3']);
  });

  test('that come while another floods get the next turn', async () => {
    makeQueue();
    for (let index = 0; index < 500; index += 1) {
      enter(`flood ${index}`, 'flood');
    }
    enter('late', 'late');

    expect((await drain()).indexOf('late')).toBe(1);
  });

  test('get no more slots than their share, and the rest are there for others', async () => {
    makeQueue({ concurrency: 3, maxConcurrencyPerTenant: 2 });
    for (const call of ['a1', 'a2', 'a3', 'a4']) {
      enter(call, 'a');
    }
    expect(labels()).toEqual(['a1', 'a2']);

    enter('b1', 'b');
    expect(labels()).toEqual(['a1', 'a2', 'b1']);

    // A slot is free now, and still none of those who wait may have it.
    await end('b1');
    expect(labels()).toEqual(['a1', 'a2']);

    await end('a1');
    expect(labels()).toEqual(['a2', 'a3']);
    expect(await drain()).toEqual(['a2', 'a3', 'a4']);
  });

  test('without a name get every slot', async () => {
    makeQueue({ concurrency: 3, maxConcurrencyPerTenant: 1, maxQueue: 2, maxQueuePerTenant: 1 });
    for (const call of ['1', '2', '3', '4', '5']) {
      enter(call);
    }

    expect(labels()).toEqual(['1', '2', '3']);
    expect(await drain()).toEqual(['1', '2', '3', '4', '5']);
  });

  test('that have used up their share are passed over, and come again when they have some', async () => {
    makeQueue({ concurrency: 2, maxConcurrencyPerTenant: 1 });
    for (const call of ['a1', 'a2', 'b1', 'b2', 'c1']) {
      enter(call, call[0]);
    }
    expect(labels()).toEqual(['a1', 'b1']);

    await end('b1');
    expect(labels()).toEqual(['a1', 'c1']);
    await end('a1');
    expect(labels()).toEqual(['c1', 'b2']);
    expect(await drain()).toEqual(['c1', 'b2', 'a2']);
  });

  test('are forgotten with their last call', async () => {
    makeQueue();
    enter('a1', 'a');
    enter('b1', 'b');
    expect(queue.tenants).toBe(2);

    await end('a1');
    expect(queue.tenants).toBe(1);
    await drain();
  });

  test('a million of them, one call each, leave nothing behind', () => {
    makeQueue();

    for (let index = 0; index < 1_000_000; index += 1) {
      queue.end(queue.start(`tenant ${index}`) as Tenant);
    }

    expect(queue.tenants).toBe(0);
  });
});

describe('a full queue', () => {
  test('has no room for one more call', async () => {
    makeQueue({ maxQueue: 2 });
    enter('runs');
    enter('1');
    enter('a1', 'a');

    expect(queue.wait(undefined, NO_HURRY)).toBe('maxQueue');
    expect(queue.wait('b', NO_HURRY)).toBe('maxQueue');
    expect(await drain()).toEqual(['runs', 'a1', '1']);
  });

  test('has room again when one of those who wait has started or left', async () => {
    makeQueue({ maxQueue: 1 });
    enter('runs');
    const leaver = wait('leaver');
    expect(queue.wait(undefined, NO_HURRY)).toBe('maxQueue');

    queue.remove(leaver);
    wait('waits');
    expect(queue.wait(undefined, NO_HURRY)).toBe('maxQueue');

    await end('runs');
    wait('comes');
    expect(await drain()).toEqual(['waits', 'comes']);
  });

  test('may be one of a tenant alone', async () => {
    makeQueue({ maxQueue: 10, maxQueuePerTenant: 2 });
    enter('runs', 'a');
    enter('a1', 'a');
    enter('a2', 'a');

    expect(queue.wait('a', NO_HURRY)).toBe('maxQueuePerTenant');
    enter('b1', 'b');
    enter('1');
    await drain();
  });

  test('of no places lets nobody wait', async () => {
    makeQueue({ maxQueue: 0 });
    enter('runs');

    expect(queue.wait(undefined, NO_HURRY)).toBe('maxQueue');
    await drain();
  });

  test('remembers no tenant that it had no room for', async () => {
    makeQueue({ maxQueue: 0 });
    enter('runs');

    queue.wait('a', NO_HURRY);

    expect(queue.tenants).toBe(0);
    await drain();
  });
});

describe('a wait', () => {
  test('ends without a slot when its time is up, and the next one moves up', async () => {
    makeQueue();
    enter('runs');
    wait('hasty', 'a', 50);
    wait('patient', 'a', 51);

    jest.advanceTimersByTime(50);
    await settled();

    expect(Object.fromEntries(ends)).toEqual({ hasty: 'timeout' });
    expect(await drain()).toEqual(['runs', 'patient']);
  });

  test('does not end late where an earlier one has more time', async () => {
    makeQueue();
    enter('runs');
    wait('patient', undefined, 1_000);
    wait('hasty', undefined, 10);

    jest.advanceTimersByTime(10);
    await settled();

    expect(Object.fromEntries(ends)).toEqual({ hasty: 'timeout' });
    await drain();
  });

  test('tells how long it was', async () => {
    makeQueue();
    enter('runs');
    const waiting = wait('waits');
    expect(waiting.waitedMs).toBe(0);

    jest.advanceTimersByTime(40);
    await end('runs');
    jest.advanceTimersByTime(100);

    expect(waiting.waitedMs).toBe(40);
    await drain();
  });

  test('that has ended cannot be ended again', async () => {
    makeQueue();
    enter('runs');
    const waiting = wait('waits');
    await end('runs');

    queue.remove(waiting);
    await settled();

    expect(Object.fromEntries(ends)).toEqual({ waits: 'slot' });
    expect(queue.running).toBe(1);
    await drain();
  });

  test('can be left from the front, the middle and the end', async () => {
    makeQueue();
    enter('runs');
    const [first, , third, , fifth] = ['1', '2', '3', '4', '5'].map((call) => wait(call, 'a'));

    queue.remove(third as Waiting);
    queue.remove(first as Waiting);
    queue.remove(fifth as Waiting);

    expect(await drain()).toEqual(['runs', '2', '4']);
    expect(Object.fromEntries(ends)).toEqual({ 1: 'removed', 2: 'slot', 3: 'removed', 4: 'slot', 5: 'removed' });
  });

  test('that is the last one of its tenant takes the tenant out of the rotation', async () => {
    makeQueue();
    enter('runs');
    enter('a1', 'a');
    const only = wait('b1', 'b');
    enter('c1', 'c');

    queue.remove(only);

    expect(queue.tenants).toBe(2);
    expect(await drain()).toEqual(['runs', 'a1', 'c1']);
  });

  test('of a tenant without a share left can be left as well', async () => {
    makeQueue({ concurrency: 2, maxConcurrencyPerTenant: 1 });
    enter('a1', 'a');
    const only = wait('a2', 'a');

    queue.remove(only);
    enter('b1', 'b');

    expect(await drain()).toEqual(['a1', 'b1']);
  });

  test('takes as long to leave among a hundred thousand as among ten', async () => {
    jest.useRealTimers();
    makeQueue({ maxQueue: 100_000, maxQueuePerTenant: 100_000 });
    enter('runs', 'a');
    const all = Array.from({ length: 100_000 }, () => queue.wait('a', NO_HURRY) as Waiting);

    const start = performance.now();
    for (const waiting of all.toReversed()) {
      queue.remove(waiting);
    }

    // About 50 ms; a queue that looks for what it takes out needs many seconds.
    expect(performance.now() - start).toBeLessThan(3_000);
    jest.useFakeTimers();
    await drain();
  });
});

describe('clearing', () => {
  test('takes out every call that waits and leaves those that run', async () => {
    makeQueue({ concurrency: 2, maxConcurrencyPerTenant: 1 });
    for (const call of ['a1', 'a2', 'b1', 'b2', 'c1']) {
      enter(call, call[0]);
    }
    wait('nameless');

    queue.clear();
    await settled();

    expect(Object.fromEntries(ends)).toEqual({ a2: 'removed', b2: 'removed', c1: 'removed', nameless: 'removed' });
    expect(await drain()).toEqual(['a1', 'b1']);
  });
});

describe('a queue is idle', () => {
  test('at once where nothing runs', async () => {
    makeQueue();

    await queue.idle();
  });

  test('when the last call has ended, those that waited included', async () => {
    makeQueue();
    enter('runs');
    enter('waits');
    let idle = false;
    const waits = [queue.idle(), queue.idle()].map((promise) => promise.then(() => (idle = true)));

    await end('runs');
    expect(idle).toBe(false);

    await end('waits');
    await Promise.all(waits);
  });
});

test('whatever comes in whatever order, no share is exceeded and nobody waits for a slot it could have', () => {
  const limits = { concurrency: 4, maxQueue: 40, maxConcurrencyPerTenant: 2, maxQueuePerTenant: 12 };
  makeQueue(limits);
  const names = [undefined, 'a', 'b', 'c', 'd'];
  const slots: Tenant[] = [];
  let waits: Waiting[] = [];
  let seed = 1;

  /** A whole number below the given one, by Park and Miller's generator: the same ones in every run. */
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const runningOf = (name: string) => slots.filter((slot) => slot.name === name).length;

  function step(): void {
    const name = names[random(names.length)];
    const choice = random(10);
    if (choice < 6) {
      const slot = queue.start(name);
      const waiting = slot ?? queue.wait(name, NO_HURRY);
      if (slot !== undefined) {
        slots.push(slot);
      } else if (waiting instanceof Waiting) {
        waits.push(waiting);
      }
    } else if (choice < 9 && slots.length > 0) {
      queue.end(slots.splice(random(slots.length), 1)[0] as Tenant);
      slots.push(...waits.filter(({ hasEnded }) => hasEnded).map(({ tenant }) => tenant));
    } else if (waits.length > 0) {
      queue.remove(waits[random(waits.length)] as Waiting);
    }
    waits = waits.filter(({ hasEnded }) => !hasEnded);
  }

  for (let count = 0; count < 5_000; count += 1) {
    step();

    const busy = new Set([...slots, ...waits.map(({ tenant }) => tenant)].map(({ name }) => name));
    busy.delete(undefined);
    const isFree = slots.length < limits.concurrency;
    expect({
      counts: [queue.running, queue.waiting, queue.tenants],
      overTheirShare: ['a', 'b', 'c', 'd'].filter((name) => runningOf(name) > limits.maxConcurrencyPerTenant),
      heldUp: waits.filter(({ tenant }) => isFree && (tenant.name === undefined || runningOf(tenant.name) < 2)),
    }).toEqual({ counts: [slots.length, waits.length, busy.size], overTheirShare: [], heldUp: [] });
    expect(slots.length).toBeLessThanOrEqual(limits.concurrency);
  }

  queue.clear();
  for (const slot of slots) {
    queue.end(slot);
  }
});
