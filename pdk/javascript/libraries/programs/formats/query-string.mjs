import queryString from 'query-string';

export const library = 'query-string';
export const inputs = ['https://example.com/p?a=1&b=x%20y&a=2#frag', '?list[]=1&list[]=2', 'https://example.com'];

export function use(input) {
  return {
    url: queryString.parseUrl(input, { parseFragmentIdentifier: true }),
    typed: queryString.parse(queryString.extract(input), { arrayFormat: 'bracket', parseNumbers: true }),
    text: queryString.stringifyUrl({ url: input, query: { z: ['1', 'ü'] } }),
  };
}
