import { agentContract } from './agent-contract.js';
import { calledOffContract } from './called-off-contract.js';
import { FakeDriver } from '../../services/compute/virt/fake/fake-driver.js';
import { FakeHost } from '../../services/compute/virt/fake/fake-host.js';
import type { ChangeStep, Driver } from '../../services/compute/ports.js';
import { type DriverBench, driverContract } from './driver-contract.js';
import { hostViewContract } from './host-view-contract.js';
import { sightContract } from './sight-contract.js';
import { plugContract } from './plug-contract.js';
import { rebuildContract } from './rebuild-contract.js';
import { resizeContract } from './resize-contract.js';
import { snapshotContract } from './snapshot-contract.js';
import { verbsContract } from './verbs-contract.js';

function fakeBench(): DriverBench {
  const host = new FakeHost();
  const driver = new FakeDriver(host);
  const instance = (id: string) => {
    const found = host.instances.get(id);
    if (!found) throw new Error(`nothing is known of ${id}`);
    return found;
  };
  return {
    driver,
    sizes: { vcpus: 1, memoryMiB: 16 },
    canStartPaused: true,
    makeForeign: (id) => Promise.resolve(void host.foreign.add(id)),
    pullThePlug: (id) => {
      instance(id).powerState = 'shutdown';
      return Promise.resolve(host.tell(id, 'destroyed'));
    },
    suspendToDisk: (id) => Promise.resolve(void (instance(id).powerState = 'suspended')),
    undefine: (id) => {
      instance(id).powerState = null;
      return Promise.resolve(host.tell(id));
    },
    nameOf: (id) => Promise.resolve(instance(id).request.spec.name),
    traces: (id) => Promise.resolve([...(host.instances.has(id) ? ['instance'] : []), ...(host.foreign.has(id) ? ['foreign'] : [])]),
    cutOffAfter: (step, request) => {
      driver.leaveHalfMade(request, step);
      return Promise.resolve(driver);
    },
    cutOffIn: (step, change) => cutOff(host, step, change),
    reopen: () => new FakeDriver(host),
    consoleOf: (id, text) => Promise.resolve(void host.consoles.set(id, text)),
    image: () => Promise.resolve({ url: 'https://images.example/a', sha256: 'ab'.repeat(32) }),
    plugs: 'live',
    devicesOf: (id) => {
      const { sizes, attached, macs } = instance(id);
      const disks = [...attached].flatMap(([device, how]) => (how === 'attached' ? [device] : []));
      const now = [...Object.keys(sizes.disksMiB), ...disks, ...macs];
      return Promise.resolve({ now, next: now });
    },
    giveAgent: (id) => void host.agents.add(id),
    cling: (id) => void host.clinging.add(id),
    baseOf: (id, device) => {
      const image = instance(id).rebuilt.get(device) ?? 'null';
      return Promise.resolve(image === 'null' ? null : image);
    },
    copiesLive: true,
    diskMiB: (id, device) => Promise.resolve(instance(id).sizes.disksMiB[device]!),
    close: () => driver.close(),
  };
}

/** Stops a change for good after a step: for whoever comes after, its process is dead. */
async function cutOff(host: FakeHost, at: ChangeStep, change: (driver: Driver) => Promise<unknown>): Promise<Driver> {
  const dead = new FakeDriver(host);
  await new Promise<void>((resolve, reject) => {
    dead.checkpoint = (step) => {
      if (step !== at) return Promise.resolve();
      resolve();
      return new Promise(() => {});
    };
    change(dead).then(() => reject(new Error(`the step ${at} was never reached`)), reject);
  });
  return new FakeDriver(host);
}

verbsContract('fake', () => Promise.resolve(fakeBench()));
driverContract('fake', () => Promise.resolve(fakeBench()));
rebuildContract('fake', () => Promise.resolve(fakeBench()));
resizeContract('fake', () => Promise.resolve(fakeBench()));
plugContract('fake', () => Promise.resolve(fakeBench()));
agentContract('fake', () => Promise.resolve(fakeBench()));
calledOffContract('fake', () => Promise.resolve(fakeBench()));
sightContract('fake', () => Promise.resolve(fakeBench()));
snapshotContract('fake', () => Promise.resolve(fakeBench()));
hostViewContract('fake', () => Promise.resolve(fakeBench()));
