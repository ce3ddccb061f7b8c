import sanitizeHtml from 'sanitize-html';

export const library = 'sanitize-html';
export const inputs = [
  '<p onclick="x()">a<script>bad()</script> <a href="javascript:x">b</a> <b>c</b></p>',
  '<img src=x onerror=y><ul><li>d',
  'plain & <',
];

export function use(input) {
  return sanitizeHtml(input);
}
