/**
 * How many threads libuv's pool has, as libuv itself reads it: 4 where `UV_THREADPOOL_SIZE` is not set, and otherwise
 * that number, from 1 to 1,024, where what is no number counts as 1.
 */
export function libuvPoolSize(): number {
  const size = process.env['UV_THREADPOOL_SIZE'];
  if (size === undefined) {
    return 4;
  }
  const threads = Math.trunc(Number(size)) || 1;
  // To libuv a negative number is a large one.
  return threads < 0 ? 1_024 : Math.min(threads, 1_024);
}
