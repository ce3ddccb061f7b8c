/** Threads in libuv's pool. hookcell leaves one of them to the rest of the server. */
export const libuvThreads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
