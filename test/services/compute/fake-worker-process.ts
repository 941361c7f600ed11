/**
 * A worker process on a pretended host, for tests of what only a process has: signals, exit codes, start-up. Its parent holds spawns by
 * message: `hold` before a start, `release` to let them go; it hears `held` when one has arrived. With STUCK its driver never closes.
 */
import { main } from '../../../services/compute/main.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import type { Hold } from '../../../services/compute/virt/fake/hold.js';

const driver = new FakeDriver();
const holds: Hold[] = [];

if (process.env['STUCK']) driver.close = () => new Promise(() => setInterval(() => {}, 60_000));

process.on('message', (word) => {
  if (word === 'release') for (const hold of holds.splice(0)) hold.release();
  if (word !== 'hold') return;
  const hold = driver.holdNext('start');
  holds.push(hold);
  void hold.reached.then(() => process.send?.('held'));
});
process.channel?.unref();
await main({ env: process.env }, () => driver);
