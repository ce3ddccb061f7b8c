/** What a client got. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON, where it is that. */
  body: any;
}

/** Posts JSON. */
export async function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
