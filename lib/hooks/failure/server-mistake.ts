/** The same in every copy of this package. */
const markKey = Symbol.for('hookcell.serverMistake');

/** The error for a value from the server's own functions that hooks cannot use. Its message is not for clients. */
export function serverMistake(message: string): TypeError {
  return Object.defineProperty(new TypeError(message), markKey, { value: true });
}

/** Whether {@link serverMistake} made an error, and no function of the server threw it. */
export function isServerMistake(error: unknown): error is TypeError {
  return typeof error === 'object' && error !== null && markKey in error;
}
