/** A check cannot be made here, which says nothing about what it checks. The message says why. */
export class Skipped extends Error {
  name = 'Skipped';
}

/**
 * Does what a check needs first, and turns its failure into a check that is skipped.
 *
 * @template T
 * @param {string} reason why, should it fail
 * @param {() => Promise<T>} prepare
 */
export async function orSkipped(reason, prepare) {
  try {
    return await prepare();
  } catch (cause) {
    throw new Skipped(`${reason} (${cause.message})`, { cause });
  }
}
