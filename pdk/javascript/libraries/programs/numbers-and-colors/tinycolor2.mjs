import tinycolor from 'tinycolor2';

export const library = 'tinycolor2';
export const inputs = ['#f80', 'hsl(210, 50%, 40%)', 'rebeccapurple', 'no color'];

export function use(input) {
  const color = tinycolor(input);
  return [
    color.isValid(),
    color.toHexString(),
    color.toHsv(),
    color.lighten(20).toRgbString(),
    color.triad().map(String),
    tinycolor.readability(input, '#fff'),
  ];
}
