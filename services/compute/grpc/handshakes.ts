import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

/**
 * Connections whose TLS handshake is not over. Whoever gets no further is nobody: of too many the oldest goes, so that strangers who only
 * connect keep no place from those who are let in. What is late, or fails, is ended.
 */
export class Handshakes {
  /** The oldest first; by the address and port of the other side, which the socket has in the clear and under TLS. */
  readonly #begun = new Map<string, Socket>();

  constructor(
    server: Server,
    private readonly most: number,
  ) {
    server.on('connection', (socket: Socket) => this.#begin(socket));
    server.on('secureConnection', (socket: TLSSocket) => this.#begun.delete(keyOf(socket)));
    // A stranger's failure is no event of ours; Node leaves the connection open when it was only late.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  #begin(socket: Socket): void {
    const key = keyOf(socket);
    this.#begun.set(key, socket);
    socket.once('close', () => {
      if (this.#begun.get(key) === socket) this.#begun.delete(key);
    });
    if (this.#begun.size <= this.most) return;
    for (const [oldest, other] of this.#begun) {
      this.#begun.delete(oldest);
      other.destroy();
      return;
    }
  }
}

const keyOf = ({ remoteAddress, remotePort, localPort }: Socket): string => `${remoteAddress} ${remotePort} ${localPort}`;
