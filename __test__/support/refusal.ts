import { HookcellError } from 'hookcell';
import type { ErrorCode } from 'hookcell';

/** Waits for a promise to reject with a refusal, and returns it. */
export async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<HookcellError> {
  const error: unknown = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HookcellError);
  expect(error).toMatchObject({ code });
  return error as HookcellError;
}

/** The reason that a promise rejects with. */
export const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was fulfilled',
    (reason: unknown) => reason,
  );

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const reason = await reasonOf(promise);
  expect(reason).toHaveProperty('message');
  return reason as Error;
}
