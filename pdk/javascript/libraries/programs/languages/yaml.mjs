import YAML from 'yaml';

export const library = 'yaml';
export const inputs = [
  'a: 1\nb: [x, { y: 2 }]\nc: |\n  text\n  more\n',
  '- &it { n: 0x1F }\n- *it\n- !!str 5\n',
  'a: [',
  'key: 2001-12-14',
];

export function use(input) {
  const document = YAML.parseDocument(input);
  return {
    errors: document.errors.map(({ code, linePos }) => [code, linePos]),
    value: document.errors.length === 0 ? document.toJS() : null,
    text: YAML.stringify({ input, list: [1, null, { a: true }] }),
  };
}
