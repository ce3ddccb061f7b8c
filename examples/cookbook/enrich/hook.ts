// Adds what a page needs to show a row, so that no page has to know the table of countries.

import type { Hook, Json } from '@hookcell/javascript';

/** The top level runs at build time: the table costs a call nothing. */
const countries = new Map([
  ['BR', { country_name: 'Brasil', currency: 'BRL', region: 'latam' }],
  ['CI', { country_name: 'Côte d’Ivoire', currency: 'XOF', region: 'emea' }],
  ['DE', { country_name: 'Deutschland', currency: 'EUR', region: 'emea' }],
  ['JP', { country_name: '日本', currency: 'JPY', region: 'apac' }],
  ['TR', { country_name: 'Türkiye', currency: 'TRY', region: 'emea' }],
  ['US', { country_name: 'United States', currency: 'USD', region: 'amer' }],
]);

export const before_hook: Hook = () => {};

export const after_hook: Hook = ({ data }) => {
  for (const row of Array.isArray(data) ? data : [data]) enrich(row);
};

/** A row without a country that is known stays. */
function enrich(row: Json): void {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return;
  if (typeof row['country'] === 'string') Object.assign(row, countries.get(row['country']));
}
