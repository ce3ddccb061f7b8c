import he from 'he';

export const library = 'he';
export const inputs = ['&lt;b&gt; &amp; &eacute; &#x1F389; &notin; &bogus;', 'é🎉 <"\'>', ''];

export function use(input) {
  return [he.decode(input), he.encode(input), he.encode(input, { useNamedReferences: true }), he.escape(input)];
}
