// What a plugin wrote is shown to a person, and must not move the cursor, set the title of the window or reorder a line.

const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text on one line, with control, invisible and reordering characters as `\u{…}`. */
export function shown(text: string): string {
  return text.replaceAll(CONTROL, escaped);
}

/** The text with its line breaks, and otherwise as {@link shown}. */
export function shownLines(text: string): string {
  return text.split('\n').map(shown).join('\n');
}

/** JSON for standard output: the same value, without a character that a terminal acts on. */
export function shownJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? 'null';
  return text.replaceAll(CONTROL, (character) => (character === '\n' ? character : jsonEscaped(character)));
}

function escaped(character: string): string {
  return String.raw`\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Each half of a surrogate pair has an escape of its own. */
function jsonEscaped(character: string): string {
  return character
    .split('')
    .map((unit) => String.raw`\u${unit.codePointAt(0)?.toString(16).padStart(4, '0')}`)
    .join('');
}
