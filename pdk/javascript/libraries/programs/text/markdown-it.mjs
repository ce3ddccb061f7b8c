import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({ linkify: true, typographer: true });

export const library = 'markdown-it';
export const inputs = [
  '# Title\n\nSee https://example.com/ä and "quotes" (c) -- *x*',
  '| a |\n|---|\n| 1 |\n\n![i](x.png)',
  '<b>raw</b>\n\n> a\n>> b',
];

export function use(input) {
  return markdown.render(input);
}
