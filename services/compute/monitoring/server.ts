import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { ComputeError } from '../../common/errors.js';
import { OK, type Readiness } from './readiness.js';

export interface Listen {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

export interface MonitoringServer {
  /** Where it listens: `127.0.0.1:9177`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves /metrics, /healthz (this process answers) and /readyz (it can take commands; says what is missing).
 * @throws ComputeError precondition when the address cannot be listened on
 */
export async function serveMonitoring(listen: Listen, registry: Registry, ready: () => Promise<Readiness>): Promise<MonitoringServer> {
  const pages: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/metrics': async (response) => answer(response, 200, registry.contentType, await registry.metrics()),
    '/healthz': (response) => Promise.resolve(answer(response, 200, TEXT, 'ok\n')),
    '/readyz': async (response) => {
      const readiness = await ready();
      const allIsWell = Object.values(readiness).every((word) => word === OK);
      answer(response, allIsWell ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`);
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, TEXT, 'only GET\n');
    else if (page) page(response).catch((error: unknown) => answer(response, 500, TEXT, `${String(error)}\n`));
    else answer(response, 404, TEXT, `not here; there are ${Object.keys(pages).join(', ')}\n`);
  });
  server.maxConnections = 64;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(listen, error)));
    server.listen(listen.port, listen.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const TEXT = 'text/plain; charset=utf-8';

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function cannotListen({ host, port }: Listen, error: Error): ComputeError {
  return new ComputeError(
    'precondition',
    `NOVALET_LISTEN: cannot listen on ${host}:${port} (${error.message}); name another address`,
    {},
    { cause: error },
  );
}
