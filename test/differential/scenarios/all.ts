import type { Scenario } from '../step.js';
import * as callbacks from './callbacks.js';
import * as connection from './connection.js';
import * as domain from './domain.js';
import * as hostObjects from './host-objects.js';
import * as qemu from './qemu.js';

/** What the test driver is asked, in this process and behind a daemon. */
export const ON_TEST_DRIVER: readonly Scenario[] = [connection, domain, hostObjects, callbacks]
  .flatMap((module): Scenario[] => Object.values(module))
  .filter((scenario) => scenario !== hostObjects.secrets);

const { host, lists, lookups, badXml } = connection;

/** What a real QEMU driver is asked: guests, and what the test driver refuses or lacks. */
export const ON_QEMU: readonly Scenario[] = [host, lists, lookups, badXml, hostObjects.secrets, ...Object.values(qemu)];
