import { createRequire } from 'node:module';

/** Threads in libuv's pool. hookcell leaves one of them to the rest of the server. */
export const libuvThreads = createRequire(import.meta.url)('../native/index.js').libuvThreads();
