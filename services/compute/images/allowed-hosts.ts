import { imageError } from './image-error.js';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** What may be fetched from; asked anew for every redirect. */
export class AllowedHosts {
  private readonly allowed: ReadonlySet<string>;

  /** @param hosts names or addresses with their ports where those are not the scheme's own: `images.example`, `[::1]:8080` */
  constructor(hosts: readonly string[]) {
    this.allowed = new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** @throws invalid for what is no URL of an image, denied for other hosts */
  check(url: string, what: string): URL {
    if (!URL.canParse(url)) throw imageError('invalid', what, 'this is no URL');
    const parsed = new URL(url);
    const port = DEFAULT_PORTS[parsed.protocol];
    if (port === undefined) throw imageError('invalid', what, 'an image is fetched by http: or https: and nothing else');
    if (parsed.username !== '' || parsed.password !== '') {
      throw imageError('invalid', what, 'the URL of an image has no user and no password; allow the host to fetch it without');
    }
    if (this.allowed.has(parsed.host) || this.allowed.has(`${parsed.hostname}:${parsed.port || port}`)) return parsed;
    throw imageError('denied', what, `this host may not fetch from ${parsed.host}; its operator can allow it (NOVALET_IMAGE_HOSTS)`);
  }
}

/** A URL for people: without its query, which may hold a signature. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}
