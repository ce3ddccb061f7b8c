import type { Context } from 'hono';

import { HookcellError } from '../errors.js';
import type { HookRun } from '../hooks/hook-run.js';
import { ResponseData } from '../hooks/response-data.js';
import { isJsonType } from './request.js';

/** Runs the hooks after the handler on the response, if it is JSON. */
export async function changeResponse(c: Context, run: HookRun<any>): Promise<void> {
  const { res } = c;
  if (res.body === null || !isJsonType(res.headers.get('content-type'))) {
    return;
  }
  const text = await res.text();
  let left: string;
  try {
    const given = new ResponseData(parsed(text, res, run), JSON.stringify, text);
    left = (await run.changeData(given)).text;
  } catch (error) {
    // Hono would add the headers of the response that is not sent to the one that is.
    c.res = undefined;
    throw error;
  }
  const headers = new Headers(res.headers);
  if (left !== text) {
    // They describe the text that the handler wrote.
    headers.delete('content-length');
    headers.delete('etag');
  }
  c.res = undefined;
  c.res = new Response(left, { status: res.status, statusText: res.statusText, headers });
}

function parsed(text: string, { headers }: Response, run: HookRun<any>): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const encoding = headers.get('content-encoding');
    throw run.refuse(
      new HookcellError(
        'ERR_CONTEXT',
        encoding === null
          ? 'the response says that it is JSON, and is not: hooks after the handler cannot see it'
          : `the response is encoded as ${encoding.slice(0, 40)} already: put the hooks behind the middleware that does it`,
      ),
    );
  }
}
