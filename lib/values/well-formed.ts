import { shown } from './shown-text.js';

/**
 * Refuses text with half of a surrogate pair in it. JavaScript tells such strings apart; as UTF-8 they are all the same,
 * so two of them would name one plugin, or one tenant.
 *
 * @param what - the argument or option, as the error names it
 */
export function checkWellFormed(what: string, text: string): void {
  if (!text.isWellFormed()) {
    throw new TypeError(`${what} must be well-formed Unicode, without half of a surrogate pair, got '${shown(text)}'`);
  }
}
