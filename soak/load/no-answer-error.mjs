/** No response arrived in time. */
export class NoAnswerError extends Error {
  constructor(patienceMs) {
    super(`no answer within ${patienceMs / 1_000} s`);
  }
}
