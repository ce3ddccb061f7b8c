/** The most differences that are named. */
const MOST = 10;

/** The JSON pointers at which two JSON values differ, at most ten. */
export function differingPaths(before: unknown, after: unknown): string[] {
  const found: string[] = [];
  compare(before, after, '', found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: string[]): void {
  if (found.length >= MOST || Object.is(before, after)) {
    return;
  }
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    found.push(path);
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const below = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (Object.hasOwn(before, key) && Object.hasOwn(after, key)) {
      compare(before[key], after[key], below, found);
    } else if (found.length < MOST) {
      found.push(below);
    }
  }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
