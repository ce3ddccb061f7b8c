// Text that somebody else chose, made fit to be shown: in a line of a log, or in an error message.

/** What breaks a line. */
const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/**
 * What nobody sees, or what turns the text around it: control and format characters (directions, zero widths, tags),
 * variation selectors and whatever else is ignored by default, spaces that are none of the keyboard's, halves of
 * surrogate pairs, and what is not assigned.
 */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** Longest text that an error message quotes, in characters. */
const MOST_SHOWN = 200;

/** The text as one line of a log: what breaks a line is a space, and what nobody sees is written as `\u{…}`. */
export function asLine(text: string): string {
  return text.replaceAll(LINE_BREAKING, ' ').replaceAll(UNSEEN, escaped);
}

/** The text for an error message, cut to 200 characters, with all that nobody sees as `\u{…}`. */
export function shown(text: string): string {
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return cut.replaceAll(UNSEEN, escaped);
}

function escaped(character: string): string {
  return String.raw`\u{${character.codePointAt(0)?.toString(16)}}`;
}
