import { HookcellError } from '../../errors.js';

/** An error of the same kind and code whose message also says where it happened. */
export function rewordedError(text: string, cause: unknown): Error {
  if (cause instanceof HookcellError) {
    const { code, limit } = cause;
    return new HookcellError(code, text, { cause, limit });
  }
  // By its name: one from another realm is not an instance of this `RangeError`.
  return (cause as Error).name === 'RangeError' ? new RangeError(text, { cause }) : new TypeError(text, { cause });
}
