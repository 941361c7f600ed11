import { ComputeError } from '../common/errors.js';

/** Where a worker listens. */
export type Address =
  { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const WANTED = 'wanted: unix:/path/of/socket, /path/of/socket or host:port';

/** @throws ComputeError invalid */
export function parseAddress(text: string): Address {
  const path = text.startsWith('unix:') ? text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') : text.startsWith('/') ? text : undefined;
  if (path !== undefined) {
    if (path.startsWith('/') && !path.includes('\0')) return { kind: 'unix', path };
    throw new ComputeError('invalid', `${text} is no address of a worker; ${WANTED}`);
  }
  const [, ipv6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65535) {
    throw new ComputeError('invalid', `${text} is no address of a worker; ${WANTED}`);
  }
  return { kind: 'tcp', host, port: Number(port) };
}

/** As gRPC names it. */
export function target(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `dns:///${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

/** As people write it. */
export function shownAddress(address: Address): string {
  if (address.kind === 'unix') return address.path;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
