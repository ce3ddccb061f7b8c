import JSON5 from 'json5';

export const library = 'json5';
export const inputs = ["{a: 1, 'b': [+0x1F, .5, Infinity,], /* c */ d: 'x\\\ny'}", '[NaN, -0]', '{a'];

export function use(input) {
  try {
    const value = JSON5.parse(input);
    return { value, text: JSON5.stringify(value, null, 2) };
  } catch ({ name, message }) {
    return { name, message };
  }
}
