import Papa from 'papaparse';

export const library = 'papaparse';
export const inputs = ['name;age\nAda;36\n"Grace; H";85\n', 'a,b\n1,2,3\n"open', ''];

export function use(input) {
  const { data, errors, meta } = Papa.parse(input, { header: true, dynamicTyping: true, skipEmptyLines: true });
  return { data, errors, delimiter: meta.delimiter, text: Papa.unparse(data) };
}
