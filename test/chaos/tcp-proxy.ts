import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** Stands between a client and `target` on loopback, and can be a bad line: cut off, silent, or cut in the middle of a frame. */
export class TcpProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #silent = false;
  #refusing = false;
  /** Bytes towards the target until the line breaks. */
  #budget = Infinity;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => this.#join(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.unref();
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection, as a reset. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Takes the next connections and ends them at once, until healed. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Passes nothing on, in neither direction, and nobody is told. */
  silence(): void {
    this.#silent = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Breaks when so many more bytes have gone to the target. */
  breakAfter(bytes: number): void {
    this.#budget = bytes;
  }

  heal(): void {
    this.#silent = false;
    this.#refusing = false;
    this.#budget = Infinity;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await Promise.resolve();
  }

  #join(client: Socket): void {
    if (this.#refusing) return void client.resetAndDestroy();
    const target = connect(this.target, '127.0.0.1');
    const pair = [client, target] as const;
    this.#pairs.add(pair);
    const part = (): void => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay();
      socket.on('error', part);
      socket.on('close', part);
      if (this.#silent) socket.pause();
    }
    client.on('data', (bytes) => {
      this.#budget -= bytes.length;
      if (this.#budget >= 0) return void target.write(bytes);
      target.write(bytes.subarray(0, bytes.length + this.#budget), () => this.cut());
      this.#budget = Infinity;
    });
    target.on('data', (bytes) => void client.write(bytes));
  }
}
