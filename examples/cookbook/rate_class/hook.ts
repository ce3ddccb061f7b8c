// Says what a request will cost, before it costs anything: the server's rate limiter takes that many tokens of that class.

import type { Hook } from '@hookcell/javascript';

const most = 20;

export const before_hook: Hook = ({ input, user, headers }) => {
  const cost = Math.min(
    most,
    1 + ofItems(input['items']) + ofLimit(input['limit']) + ofQuery(input['query']) + ofExport(input['export']),
  );
  input['rate'] = { class: cost >= 10 ? 'bulk' : ordinaryClass(headers['x-api-key'], user?.role), cost };
};

function ordinaryClass(key: string | undefined, role: string | undefined): string {
  if (key === undefined || key === '') return 'anonymous';
  return role === 'partner' ? 'partner' : 'standard';
}

/** A token for every 25 items to write. */
function ofItems(items: unknown): number {
  return Array.isArray(items) ? Math.floor(items.length / 25) : 0;
}

/** A token for every 100 rows to read. */
function ofLimit(limit: unknown): number {
  return typeof limit === 'number' && limit > 0 ? Math.floor(limit / 100) : 0;
}

/** A long text is slow to search for. */
function ofQuery(query: unknown): number {
  return typeof query === 'string' && query.length > 100 ? 2 : 0;
}

function ofExport(wanted: unknown): number {
  return wanted === true ? 5 : 0;
}
