import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colors text for a stream: not if it is no terminal, and not if the user wants none. */
export type Painter = (style: Style, text: string) => string;

/** The painter of a stream. */
export function painterFor(stream: NodeJS.WriteStream): Painter {
  return hasColors(stream) ? (style, text) => styleText(style, text) : (_, text) => text;
}

function hasColors(stream: NodeJS.WriteStream): boolean {
  // A variable that is set to nothing counts as not set: https://no-color.org
  const { NO_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') {
    return false;
  }
  return stream.isTTY && stream.hasColors();
}
