import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

export const library = 'fast-xml-parser';
export const inputs = [
  '<order id="7"><item n="2">tea &amp; milk</item><item n="1"><![CDATA[<b>]]></item><empty/></order>',
  '<a><b></a>',
  '<?xml version="1.0"?><p>1.50<q>0x1F</q></p>',
];

export function use(input) {
  const valid = XMLValidator.validate(input);
  if (valid !== true) {
    return valid;
  }
  const options = { ignoreAttributes: false, attributeNamePrefix: '@' };
  const parsed = new XMLParser(options).parse(input);
  return { parsed, text: new XMLBuilder({ ...options, format: true }).build(parsed) };
}
