import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Without it, to open a pipe waits until something writes there, and holds a thread that all file reads share. */
const NO_WAIT = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file has more bytes than are allowed. */
export class TooLongError extends Error {}

/**
 * Reads a regular file of at most this many bytes.
 *
 * @throws {@link TooLongError}, or the error of the system
 */
export async function readBounded(file: string, most: number): Promise<Buffer> {
  const handle = await open(file, NO_WAIT);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new Error('it is not a file');
    }
    // The file may grow meanwhile, so its size is not trusted.
    const bytes = Buffer.alloc(Math.min(stats.size, most) + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) {
        return bytes.subarray(0, length);
      }
      length += bytesRead;
    }
    throw new TooLongError(stats.size > most ? `it has ${stats.size} bytes, more than ${most}` : 'it grows');
  } finally {
    await handle.close();
  }
}
