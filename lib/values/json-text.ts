/** The longest text that is looked at letter by letter, in UTF-16 units. */
const LONGEST = 100;

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;

/** The text as JSON: the same as `JSON.stringify`, which takes several times as long for a short text. */
export function quoted(text: string): string {
  const { length } = text;
  if (length > LONGEST) {
    return JSON.stringify(text);
  }
  for (let index = 0; index < length; index += 1) {
    const letter = text.codePointAt(index) as number;
    if (letter < SPACE || letter === QUOTE || letter === BACKSLASH || letter >= FIRST_SURROGATE) {
      return JSON.stringify(text);
    }
  }
  return `"${text}"`;
}
