import { closeSync, readdirSync, readlinkSync } from 'node:fs';

/** The first descriptor after standard input, output and error. */
const FIRST = 3;

/**
 * Closes the files that this process inherited from its parent, such as a listening socket from a service manager. Node.js
 * passes none on, but other addons and the program that started the server may. This works on Linux only; other systems do
 * not say which files are the same.
 */
export function closeInherited(parent: number): void {
  for (const descriptor of descriptors()) {
    // Anonymous inodes, such as event queues, all share a name and give access to nothing.
    const own = target('self', descriptor);
    if (own !== undefined && !own.startsWith('anon_inode:') && own === target(parent, descriptor)) {
      try {
        closeSync(descriptor);
      } catch {
        // It is already closed.
      }
    }
  }
}

function descriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((descriptor) => descriptor >= FIRST);
  } catch {
    return [];
  }
}

function target(process: number | 'self', descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}
