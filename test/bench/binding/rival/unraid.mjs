// @unraid/libvirt, for comparison, from the folder given; the orders and figures are those of rival.c that it has.
import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { Hypervisor } = await import(pathToFileURL(join(process.argv[2], 'node_modules/@unraid/libvirt/dist/index.js')));
let conn;
let dom;

const orders = {
  async open(uri) {
    conn = new Hypervisor({ uri });
    await conn.connectOpen();
    dom = (await conn.connectListAllDomains())[0];
    return [0];
  },
  async close() {
    await conn.connectClose();
    return [0];
  },
  async serial(n) {
    const times = [];
    for (let i = 0; i < Number(n); i++) {
      const began = performance.now();
      await dom.getInfo();
      times.push((performance.now() - began) * 1e3);
    }
    return [times.sort((a, b) => a - b)[times.length >> 1]];
  },
  async flight(n, width) {
    let left = Number(n);
    const one = async () => {
      while (left-- > 0) await dom.getInfo();
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: Number(width) }, one));
    return [(Number(n) / (performance.now() - began)) * 1e3];
  },
  async list() {
    const began = performance.now();
    await conn.connectListAllDomains();
    return [performance.now() - began];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...args] = line.split(' ');
  console.log((await orders[order](...args)).join(' '));
}
process.exit(0);
