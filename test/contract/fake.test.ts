import { FakeDriver, FakeHost } from '../../services/compute/virt/fake/fake-driver.js';
import { type DriverBench, driverContract } from './driver-contract.js';

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
    pullThePlug: (id) => Promise.resolve(void (instance(id).powerState = 'shutdown')),
    suspendToDisk: (id) => Promise.resolve(void (instance(id).powerState = 'suspended')),
    undefine: (id) => Promise.resolve(void (instance(id).powerState = null)),
    nameOf: (id) => Promise.resolve(instance(id).request.spec.name),
    traces: (id) => Promise.resolve([...(host.instances.has(id) ? ['instance'] : []), ...(host.foreign.has(id) ? ['foreign'] : [])]),
    cutOffAfter: (step, request) => {
      driver.leaveHalfMade(request, step);
      return Promise.resolve(driver);
    },
    close: () => driver.close(),
  };
}

driverContract('fake', () => Promise.resolve(fakeBench()));
