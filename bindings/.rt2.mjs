import * as L from '../bindings/dist/lib/index.js';
const uri = process.argv[2];
const c = await L.open(uri);
const d = await c.lookupByName('test');
async function serial(n) {
  const t = [];
  for (let i = 0; i < n; i++) {
    const a = process.hrtime.bigint();
    await d.info();
    t.push(Number(process.hrtime.bigint() - a) / 1000);
  }
  t.sort((a, b) => a - b);
  return t[n >> 1];
}
await serial(2000);
console.log('serial p50 us', await serial(5000));
async function par(k, n) {
  let i = 0;
  const a = performance.now();
  await Promise.all(
    Array.from({ length: k }, async () => {
      while (i++ < n) await d.info();
    }),
  );
  return n / (performance.now() - a);
}
for (const k of [4, 16, 256]) console.log('x' + k, (await par(k, 20000)).toFixed(1), 'k/s');
let a = process.hrtime.bigint();
for (let i = 0; i < 300000; i++) d.name();
console.log('name ns', Number(process.hrtime.bigint() - a) / 300000);
await c.close();
