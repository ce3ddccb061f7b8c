import { HookcellError } from 'hookcell';
import type { ErrorCode } from 'hookcell';

/** Waits for the refusal that a promise must end in, and checks that it is one. */
export async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<HookcellError> {
  const error: unknown = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HookcellError);
  expect(error).toMatchObject({ code });
  return error as HookcellError;
}
