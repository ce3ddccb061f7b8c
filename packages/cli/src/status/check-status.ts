import type { StatusSnapshot } from 'hookcell/status';

import { UsageError } from '../exit.js';

/**
 * Reads the response of a server.
 *
 * @throws {UsageError} if it is no status of a runtime
 */
export async function checkStatus(url: string, text: string): Promise<StatusSnapshot> {
  const value = parse(text);
  const { Ajv } = await import('ajv');
  const validate = new Ajv().compile(require('../../schemas/status.json') as object);
  if (value === undefined || !validate(value)) {
    const [error] = validate.errors ?? [];
    const problem = error === undefined ? 'it is not JSON' : `${error.instancePath || 'it'} ${error.message}`;
    throw new UsageError(`${url} does not serve a status of hookcell/status: ${problem}`);
  }
  return value as StatusSnapshot;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
