import * as yaml from 'js-yaml';

export const library = 'js-yaml';
export const inputs = [
  'a: 1\nb: [x, "y", 0x1f, 1.5e3, null, true]\nc: &anchor { d: 2024-02-29 }\ne: *anchor\n',
  'text: |\n  two\n  lines\nfolded: >-\n  one\n  line\n',
  'a: [1',
];

export function use(input) {
  try {
    const value = yaml.load(input);
    return { value, text: yaml.dump(value) };
  } catch ({ name, reason }) {
    return { name, reason };
  }
}
