/** What is looked at of a request, whatever the framework. */
export interface BodyRequest {
  readonly body?: unknown;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** Node's own request, where the framework has one around it. */
  readonly raw?: unknown;
}

/** What Node knows of the bytes of a request. */
interface RequestStream {
  readonly readableDidRead?: boolean;
  readonly stream?: { readonly endAfterHeaders?: boolean };
}

/** Why the body of a request cannot be the input of hooks, and the status that the client then gets. */
export interface UnreadBody {
  readonly problem: string;
  readonly status: 415 | 500;
}

/**
 * Whether a request came with a body that is not in `body`: hooks that saw `{}` in its place would let it through unseen.
 * Without any parser before the hooks the server is set up wrongly; where one has left the body alone, the client has sent
 * a type that is not parsed there.
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
    ? { problem: 'the body is of a type that is not parsed before the hooks', status: 415 }
    : {
        problem:
          'the request has a body that nobody has parsed: put a body parser, such as express.json(), before the hooks',
        status: 500,
      };
}

function hasBody(headers: BodyRequest['headers'], { stream }: RequestStream): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0 ||
    // HTTP/2 needs neither.
    stream?.endAfterHeaders === false
  );
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}
