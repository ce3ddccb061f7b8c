// Adds to an update what it changed, for an audit trail, and logs how many fields that were. The server gives the record before
// and after the update as `data`.

import type { Hook, Json, JsonObject } from '@hookcell/javascript';

const hidden = new Set(['password_hash', 'api_key']);
const unimportant = new Set(['updated_at']);

interface Change {
  field: string;
  from?: Json;
  to?: Json;
}

export const before_hook: Hook = () => {};

export const after_hook: Hook = ({ data }) => {
  if (!isObject(data)) return;
  const [before, after] = [recordOf(data['before']), recordOf(data['after'])];
  if (before === undefined || after === undefined) return;
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...fields].flatMap((field) => changeOf(field, before[field], after[field]));
  if (changes.length > 0) console.info('a record changed', { fields: changes.length });
  data['changes'] = changes as unknown as Json;
};

/** A record that is `null` was created, or is gone. */
function recordOf(value: Json | undefined): JsonObject | undefined {
  return value === null ? {} : isObject(value) ? value : undefined;
}

function changeOf(field: string, from: Json | undefined, to: Json | undefined): Change[] {
  if (unimportant.has(field) || JSON.stringify(from) === JSON.stringify(to)) return [];
  const shown = (value: Json) => (hidden.has(field) ? '[hidden]' : value);
  return [
    { field, ...(from === undefined ? {} : { from: shown(from) }), ...(to === undefined ? {} : { to: shown(to) }) },
  ];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
