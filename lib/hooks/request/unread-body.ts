/** The part of a request that is needed here, in any framework. */
export interface BodyRequest {
  readonly body?: unknown;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** Node's own request, if the framework wraps it. */
  readonly raw?: unknown;
}

/** What Node knows about the bytes of a request. */
export interface RequestStream {
  readonly readableDidRead?: boolean;
  readonly stream?: { readonly endAfterHeaders?: boolean };
}

/** Why the body of a request cannot be the input of hooks, and the status of the response. */
export interface UnreadBody {
  readonly problem: string;
  readonly status: 415 | 500;
}

/**
 * Whether a request has a body that was not parsed into `body`: hooks would see `{}` instead, and let it through unseen.
 * Without a parser before the hooks, the server is set up wrongly. If there is one, the client has sent a type that it does
 * not parse.
 */
export function unreadBody(request: BodyRequest): UnreadBody | undefined {
  const { body, raw = request } = request;
  const stream = raw as RequestStream;
  if (
    !hasBody(request.headers, stream) ||
    (body !== undefined && (stream.readableDidRead !== false || !isEmpty(body)))
  ) {
    return undefined;
  }
  // Parsers leave a trace, `undefined` in Express 5 and `{}` in Express 4, also of what they do not parse.
  return 'body' in request
    ? { problem: 'no parser before the hooks reads a body of this type', status: 415 }
    : {
        problem: 'the body of the request was not parsed: put a body parser, such as express.json(), before the hooks',
        status: 500,
      };
}

/** Whether a request says that it has a body. */
export function hasBody(headers: BodyRequest['headers'], { stream }: RequestStream): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0 ||
    // HTTP/2 requires neither header.
    stream?.endAfterHeaders === false
  );
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}
