import { chmodSync, readFileSync, rmSync, statSync, unwatchFile, watchFile } from 'node:fs';
import { connect, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type Server as TlsServer } from 'node:tls';
import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import { Handshakes } from './handshakes.js';
import type { GrpcAddress } from './listen-address.js';

/** Files of TLS, read anew when they change. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** With it every client must show a certificate that this authority signed. */
  readonly clientCa?: string | undefined;
}

export interface ListenerOptions {
  readonly tls?: TlsFiles | undefined;
  readonly maxConnections: number;
  /** A connection that is through, with TLS done. */
  readonly onConnection: (connection: Socket) => void;
  readonly log: Log;
  /** How often the files of TLS are looked at. Default 2 s. */
  readonly lookMs?: number;
  /** How long a TLS handshake may take. Default 5 s. */
  readonly handshakeMs?: number;
  /** Handshakes at once, beside the connections that are through; of more the oldest ends. Default 1024. */
  readonly maxHandshakes?: number;
}

export interface Listener {
  /** unix:/path or host:port. */
  readonly address: string;
  /** Takes no more connections; those that there are stay. */
  close(): void;
}

const HANDSHAKE_MS = 5000;
const MAX_HANDSHAKES = 1024;
const LOOK_MS = 2000;
/** Whoever may write to a socket may command the host: its owner and its group. */
const SOCKET_MODE = 0o660;

/**
 * Listens for the API's clients. grpc-js could, but neither bounds connections nor takes other certificates while it runs.
 * @throws ComputeError precondition when the address cannot be listened on, or TCP is wanted without TLS
 */
export async function listen(address: GrpcAddress, options: ListenerOptions): Promise<Listener> {
  if ('socket' in address) return listenOnSocket(address.socket, options);
  if (!options.tls) {
    throw failed(`${address.host}:${address.port}`, 'TCP needs TLS: set NOVALET_GRPC_CERT and NOVALET_GRPC_KEY, or listen on unix:/path');
  }
  return listenOnTcp(address, options.tls, options);
}

async function listenOnSocket(path: string, { maxConnections, onConnection }: ListenerOptions): Promise<Listener> {
  await removeLeftOver(path);
  const server = createNetServer(onConnection);
  server.maxConnections = maxConnections;
  await listening(server, { path }, `unix:${path}`);
  chmodSync(path, SOCKET_MODE);
  return { address: `unix:${path}`, close: () => void server.close() }; // Node takes the file away
}

async function listenOnTcp(
  { host, port }: { host: string; port: number },
  files: TlsFiles,
  { maxConnections, onConnection, log, ...more }: ListenerOptions,
): Promise<Listener> {
  const { lookMs = LOOK_MS, handshakeMs = HANDSHAKE_MS, maxHandshakes = MAX_HANDSHAKES } = more;
  const server = createTlsServer({
    ...readTls(files),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
    requestCert: files.clientCa !== undefined,
    rejectUnauthorized: files.clientCa !== undefined,
    handshakeTimeout: handshakeMs,
  });
  server.maxConnections = maxConnections + maxHandshakes;
  new Handshakes(server, maxHandshakes);
  let through = 0;
  server.on('secureConnection', (socket) => {
    if (through >= maxConnections) return void socket.destroy();
    through++;
    socket.once('close', () => through--);
    onConnection(socket);
  });
  await listening(server, { host, port }, `${host}:${port}`);
  const stop = reload(server, files, log, lookMs);
  const bound = server.address() as { port: number };
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    address: `${shown}:${bound.port}`,
    close() {
      stop();
      server.close();
    },
  };
}

function readTls({ cert, key, clientCa }: TlsFiles): SecureContextOptions {
  return { cert: readFileSync(cert), key: readFileSync(key), ...(clientCa !== undefined && { ca: readFileSync(clientCa) }) };
}

/** New files serve from the next connection on. Files that do not fit together are told of, and the old ones stay. */
function reload(server: TlsServer, files: TlsFiles, log: Log, interval: number): () => void {
  const paths = Object.values(files).filter((path): path is string => path !== undefined);
  const onChange = (): void => {
    try {
      server.setSecureContext({ ...readTls(files), minVersion: 'TLSv1.2' });
      log.info({}, 'gRPC serves with new certificates');
    } catch (error) {
      log.warn(
        { error: bounded(error instanceof Error ? error.message : error) },
        'gRPC keeps its certificates: the new ones cannot be used',
      );
    }
  };
  for (const path of paths) watchFile(path, { interval, persistent: false }, onChange);
  return () => {
    for (const path of paths) unwatchFile(path, onChange);
  };
}

function listening(server: NetServer, where: { path: string } | { host: string; port: number }, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(failed(shown, `${error.message}; name another address`, error)));
    server.listen({ ...where, backlog: 511 }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {}); // a connection that could not be accepted, for want of handles: the client hears of it
      resolve();
    });
  });
}

/** A socket that a killed worker left is taken away; one that somebody serves is not. */
async function removeLeftOver(path: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw failed(`unix:${path}`, 'something else than a socket is there');
  const served = await new Promise<boolean>((resolve) => {
    const attempt = connect(path, () => resolve(true)).once('error', () => resolve(false));
    attempt.once('close', () => attempt.destroy());
    attempt.once('connect', () => attempt.destroy());
  });
  if (served) throw failed(`unix:${path}`, 'another process serves it');
  rmSync(path, { force: true });
}

function failed(address: string, why: string, cause?: unknown): ComputeError {
  return new ComputeError('precondition', `NOVALET_GRPC_LISTEN: cannot listen on ${address}: ${why}`, {}, { cause });
}
