import { shown } from './shown-text.js';

/**
 * Refuses text that contains half of a surrogate pair. JavaScript tells such strings apart, but as UTF-8 they are equal, so
 * two of them would name one plugin or one tenant.
 *
 * @param what - the argument or option, for the error
 */
export function checkWellFormed(what: string, text: string): void {
  if (!text.isWellFormed()) {
    throw new TypeError(`${what} must be well-formed Unicode, without half of a surrogate pair, got '${shown(text)}'`);
  }
}
