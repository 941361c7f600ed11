import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** Where the API is served: a Unix socket, or TCP, which is always TLS. */
export type GrpcAddress = { readonly socket: string } | { readonly host: string; readonly port: number };

/** Longest path of a Unix socket, in bytes (sun_path of unix(7), with its NUL). */
export const MAX_SOCKET_PATH = 107;

export const WANTED_GRPC_ADDRESS = 'unix:/path/of/a/socket, host:port, several of them with commas between them, or off';

/** As a setting has it: addresses with commas between them, or `off`. */
export const GrpcListen = z.string().transform((text, context): GrpcAddress[] => {
  if (text === 'off') return [];
  return text.split(',').map((part) => {
    const [, path] = /^unix:(\/[^\u0000]*)$/.exec(part) ?? [];
    if (path !== undefined && isAbsolute(path) && Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { socket: path };
    const [, ipv6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(part) ?? [];
    const host = ipv6 ?? name;
    if (path === undefined && host !== undefined && Number(port) <= 65535) return { host, port: Number(port) };
    const message =
      path === undefined ? undefined : `with a path of ${Buffer.byteLength(path)} bytes, of which a socket takes ${MAX_SOCKET_PATH}`;
    context.addIssue({ code: 'custom', ...(message !== undefined && { message }) });
    return z.NEVER;
  });
});
