import { marked } from 'marked';

export const library = 'marked';
export const inputs = [
  '# Title\n\nA *b* **c** `d` [e](https://example.com "t")\n\n1. x\n   - y\n\n| a | b |\n|---|:-:|\n| 1 | 2 |',
  '<b>raw</b> & ~~gone~~\n\n```js\nlet x = "<";\n```',
  '',
];

export function use(input) {
  return marked.parse(input);
}
