// Makes foreign text safe to show in a log line or an error message.

/** Characters that break a line. */
const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/**
 * Characters that are invisible or reorder the text around them: control and format characters (directions, zero widths,
 * tags), variation selectors and other characters that are ignored by default, every space but U+0020, halves of surrogate
 * pairs, and unassigned characters.
 */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** The longest text that an error message quotes, in characters. */
const MOST_SHOWN = 200;

/** The text as one line of a log: a line break becomes a space, and an invisible character is written as `\u{…}`. */
export function asLine(text: string): string {
  return text.replaceAll(LINE_BREAKING, ' ').replaceAll(UNSEEN, escaped);
}

/** The text for an error message, cut to 200 characters, with invisible characters as `\u{…}`. */
export function shown(text: string): string {
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return cut.replaceAll(UNSEEN, escaped);
}

/** The longest message about a foreign source, in characters. */
const MOST_MESSAGE = 2_000;

/** A message that contains foreign text: one line, cut to 2,000 characters, with invisible characters as `\u{…}`. */
export function asMessage(text: string): string {
  const cut = text.length > MOST_MESSAGE ? `${text.slice(0, MOST_MESSAGE)}…` : text;
  return cut.replaceAll(UNSEEN, escaped);
}

function escaped(character: string): string {
  return String.raw`\u{${character.codePointAt(0)?.toString(16)}}`;
}
