import http from 'node:http';
import https from 'node:https';
import { type AllowedHosts, shownUrl } from './allowed-hosts.js';
import { imageError } from './image-error.js';

export interface HttpOptions {
  readonly hosts: AllowedHosts;
  /** Certificates (PEM) of the authorities that are trusted; absent: Node's list. */
  readonly ca?: Buffer | undefined;
  /** Longest time without a byte, and until the head of the answer is there, in milliseconds. */
  readonly stallMs: number;
  /** Fewest bytes of a body that come in so long a time. */
  readonly leastBytes: number;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for an image, and follows redirects to allowed hosts, never from https: to http:. The answer's body is the caller's: read it or destroy it.
 * Node's own client and not fetch: it takes an authority's certificate, and unpacks nothing by itself.
 */
export async function httpGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  what: string,
  signal: AbortSignal,
  options: HttpOptions,
): Promise<http.IncomingMessage> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(at, headers, signal, options).catch((error: unknown) => {
      throw isDistrust(error) ? imageError('denied', what, `${shownUrl(at)} is not trusted: ${(error as Error).message}`, error) : error;
    });
    if (!REDIRECTS.has(answer.statusCode)) return answer;
    answer.destroy();
    const { location } = answer.headers;
    if (location === undefined || !URL.canParse(location, at.href)) {
      throw imageError('invalid', what, `${shownUrl(at)} redirects to nowhere`);
    }
    if (redirects === MAX_REDIRECTS) throw imageError('invalid', what, `${shownUrl(url)} redirects more than ${MAX_REDIRECTS} times`);
    const next = options.hosts.check(new URL(location, at.href).href, what);
    if (at.protocol === 'https:' && next.protocol !== 'https:') {
      throw imageError('denied', what, `${shownUrl(at)} redirects from https: to http:, which is not followed`);
    }
    at = next;
  }
}

/** A certificate that Node does not take (its OpenSSL's X509_V_ERR_ names, and its own for another name): no other attempt will do. */
function isDistrust(error: unknown): boolean {
  return /^(?:ERR_TLS_CERT|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(
    String((error as { code?: unknown }).code),
  );
}

function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  { ca, stallMs }: HttpOptions,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    // A connection of its own: one that is kept might be closed by the server just as it is used again.
    const options = { agent: false, signal, headers: { 'accept-encoding': 'identity', 'user-agent': 'novalet', ...headers } } as const;
    const request = client.get(url, { ...options, ...(ca && { ca }) }, (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    // Also of a head that comes byte by byte, where the socket is never silent.
    const late = setTimeout(() => request.destroy(new Error(`no answer came for ${stallMs / 1000} s`)), stallMs);
    request.on('close', () => clearTimeout(late));
    request.setTimeout(stallMs, () => request.destroy(new Error(`no byte came for ${stallMs / 1000} s`)));
    request.on('error', reject);
  });
}
