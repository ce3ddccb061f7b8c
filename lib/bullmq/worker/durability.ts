import type { Worker } from 'bullmq';

import { redisOf } from '../tenant-turns.js';

/**
 * What could lose jobs that the server of a queue has acknowledged: an empty list, if nothing could but the loss of its disk.
 * PostgreSQL needs no settings.
 */
export async function risksOf(worker: Worker): Promise<string[]> {
  const redis = await redisOf(worker);
  if (redis === undefined) {
    return [];
  }
  const info = await redis.info();
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(info)?.[1];
  const risks: string[] = [];
  if (policy !== undefined && policy !== 'noeviction') {
    risks.push(`Redis deletes jobs when its memory is full: set maxmemory-policy to noeviction, not ${policy}`);
  }
  if (/^aof_enabled:0/m.test(info)) {
    risks.push('Redis keeps no append-only file, and loses jobs when it ends: set appendonly to yes');
  } else if (/^aof_last_write_status:err/m.test(info)) {
    risks.push('Redis cannot write its append-only file');
  } else if (Number(/^aof_delayed_fsync:(\d+)/m.exec(info)?.[1] ?? 0) > 0) {
    risks.push(
      'Redis has acknowledged jobs before it wrote them, because its disk was slow: set appendfsync to always',
    );
  }
  return risks;
}
