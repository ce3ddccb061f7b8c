import { createHash } from 'node:crypto';

import type { Queue, Worker } from 'bullmq';

/** A client of Redis, as BullMQ wraps those of all libraries. */
interface RedisClient {
  defineCommand(name: string, definition: { numberOfKeys: number; lua: string }): void;
  runCommand(name: string, args: (string | number)[]): Promise<unknown>;
  del(...keys: string[]): Promise<number>;
  info(): Promise<string>;
}

/** The highest priority number of BullMQ. The lowest runs first. */
const MAX_TURN = 2_097_151;

/** After this time a job counts no longer, if a worker ended between the job's end and saying so. */
const FORGET_AFTER_MS = 3_600_000;

/**
 * Adds jobs to those of a tenant that wait, and gives the place of each among them. The time is that of the server, because the
 * clocks of machines differ.
 */
const JOIN = `
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at - ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local places = {}
for index = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', at, ARGV[index])
  places[index - 1] = redis.call('ZCARD', KEYS[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return places`;

const LEAVE = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

const defined = new WeakSet<object>();

/**
 * Gives the turns of new jobs: the first waiting job of each tenant runs before the second one of any, and so on, whichever process
 * added them and whichever runs them. Without Redis there are no turns, and jobs run in the order in which they were added.
 */
export async function joinQueue(queue: Queue, tenant: string | null, ids: readonly string[]): Promise<number[]> {
  const redis = await redisOf(queue);
  if (redis === undefined) {
    return [];
  }
  const places = await redis.runCommand('hookcellJoin', [tenantKey(queue, tenant), FORGET_AFTER_MS, ...ids]);
  return (places as number[]).map((place) => Math.min(Number(place), MAX_TURN));
}

/** A job no longer waits. */
export async function leaveQueue(queue: Queue | Worker, tenant: string | null, id: string): Promise<void> {
  const redis = await redisOf(queue);
  await redis?.runCommand('hookcellLeave', [tenantKey(queue, tenant), id]);
}

/** The client of Redis; `undefined` if the queue is elsewhere. */
export async function redisOf(queue: Queue | Worker): Promise<RedisClient | undefined> {
  const backend = queue.getBackend() as { client?: Promise<RedisClient> };
  if (!('client' in backend)) {
    return undefined;
  }
  const client = await backend.client;
  if (client !== undefined && !defined.has(client)) {
    defined.add(client);
    client.defineCommand('hookcellJoin', { numberOfKeys: 1, lua: JOIN });
    client.defineCommand('hookcellLeave', { numberOfKeys: 1, lua: LEAVE });
  }
  return client;
}

/** Of a fixed length, whatever the tenant is called. */
function tenantKey(queue: Queue | Worker, tenant: string | null): string {
  const digest = createHash('sha256').update(JSON.stringify(tenant)).digest('hex').slice(0, 32);
  return queue.toKey(`hookcell:${digest}`);
}
