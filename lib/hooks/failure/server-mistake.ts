/** The same in every copy of this package. */
const markKey = Symbol.for('hookcell.serverMistake');

/** The error for what a function of the server's gave, and hooks cannot use. Its message is for the server alone. */
export function serverMistake(message: string): TypeError {
  return Object.defineProperty(new TypeError(message), markKey, { value: true });
}

/** Whether an error was made by {@link serverMistake}, and not thrown by a function of the server. */
export function isServerMistake(error: unknown): error is TypeError {
  return typeof error === 'object' && error !== null && markKey in error;
}
