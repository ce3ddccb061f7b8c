import { closeSync, readdirSync, readlinkSync } from 'node:fs';

/** Standard input, output and error are this process's own. */
const FIRST = 3;

/**
 * Closes what this process has open from the one that started it, such as a listening socket that a service manager handed
 * to it. Node.js itself hands nothing on; other addons and whoever started the server may. On Linux: elsewhere the system
 * does not say which files are the same.
 */
export function closeInherited(parent: number): void {
  for (const descriptor of descriptors()) {
    // What has no name of its own, such as an event queue, may be another that is called the same; it reaches nothing.
    const own = target('self', descriptor);
    if (own !== undefined && !own.startsWith('anon_inode:') && own === target(parent, descriptor)) {
      try {
        closeSync(descriptor);
      } catch {
        // It is closed already.
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
