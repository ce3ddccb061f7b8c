/** A check that cannot run here. It has neither passed nor failed. The message says why. */
export class Skipped extends Error {
  name = 'Skipped';
}

/**
 * Prepares a check. If that fails, the check is skipped.
 *
 * @template T
 * @param {string} reason why the check is skipped if `prepare` fails
 * @param {() => Promise<T>} prepare
 */
export async function orSkipped(reason, prepare) {
  try {
    return await prepare();
  } catch (cause) {
    throw new Skipped(`${reason} (${cause.message})`, { cause });
  }
}
