import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { takeAwayAfter, type TakeAway } from './take-away.js';

interface Tls {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What a server does with the requests for one path: the first answer for the first request, the last one for all that follow. */
export interface ImageServer {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly requests: { readonly path: string; readonly range?: string | undefined; readonly ifRange?: string | undefined }[];
  url(path: string): string;
  on(path: string, ...answers: Answer[]): string;
  close(): Promise<void>;
}

/** The same, taken away with the test. */
export async function withImageServer(t: TakeAway, tls?: Tls): Promise<ImageServer> {
  const server = await startImageServer(tls);
  takeAwayAfter(t, () => server.close());
  return server;
}

/** A server of images on loopback that does as it is told, however wrong. */
export async function startImageServer(tls?: Tls): Promise<ImageServer> {
  const answers = new Map<string, Answer[]>();
  const requests: ImageServer['requests'] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    const { range, 'if-range': ifRange } = request.headers;
    requests.push({ path, range, ifRange: ifRange as string | undefined });
    const all = answers.get(path) ?? [];
    const answer = all.length > 1 ? all.shift() : all[0];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  };
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = (path: string): string => `${tls ? 'https' : 'http'}://${host}${path}`;
  return {
    host,
    requests,
    url,
    on(path, ...some) {
      answers.set(path, some);
      return url(path);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The whole, or the part that is asked for, with an ETag; as a good server does. */
export function gives(bytes: Buffer, headers: Record<string, string> = {}): Answer {
  const etag = `"${digestOf(bytes).slice(0, 8)}"`;
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const ifRange = request.headers['if-range'];
    if (from === undefined || (ifRange !== undefined && ifRange !== etag)) {
      response.writeHead(200, { etag, 'content-length': bytes.length, ...headers }).end(bytes);
    } else if (Number(from) >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    } else {
      const part = bytes.subarray(Number(from));
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(206, { etag, 'content-length': part.length, 'content-range': range, ...headers }).end(part);
    }
  };
}

/** The beginning of what `gives` would give, and then the connection breaks. */
export function breaksAfter(bytes: Buffer, count: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag: `"${digestOf(bytes).slice(0, 8)}"`, 'content-length': bytes.length });
    response.write(bytes.subarray(0, count), () => setImmediate(() => response.destroy()));
  };
}

/** The beginning, and then nothing, with the connection open. */
export function stallsAfter(bytes: Buffer, count: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag: `"${digestOf(bytes).slice(0, 8)}"`, 'content-length': bytes.length });
    response.write(bytes.subarray(0, count));
  };
}

export const redirectsTo =
  (location: string): Answer =>
  (_request, response) =>
    void response.writeHead(302, { location }).end();
