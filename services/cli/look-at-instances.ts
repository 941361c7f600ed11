import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { InstanceSchema, type Instance, type InstanceEvent } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  ConsoleAddressSchema,
  InstanceDiagnosticsSchema,
  InstanceService,
  ListInstanceEventsResponseSchema,
  ListInstancesResponseSchema,
  type ConsoleAddress,
  type InstanceDiagnostics,
} from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { lastPart } from './resource-names.js';
import { allInstances, findInstance } from './find-instance.js';
import { instanceFacts, instanceTable, stateWord, time } from './instance-words.js';
import { ask, leafOf, onWorker } from './leaf.js';
import { wholeNumber } from './option-values.js';
import { bytes } from './quantity.js';
import type { Surroundings } from './surroundings.js';
import { facts, table } from './table.js';

const METHODS = InstanceService.method;
const EVENTS = 100;
const MAX_EVENTS = 1000;

/** Commands that change nothing. */
export function addLooks(group: Command, surroundings: Surroundings): void {
  const look = leafOf(group, surroundings);

  look('list', 'the instances of the host', (command) =>
    command.option('--filter <filter>', 'such as \'state = RUNNING AND metadata.env = "ci"\''),
  ).action(
    onWorker<{ filter?: string }>(surroundings, async (call, _args, { filter = '' }) => {
      const instances: Instance[] = [];
      for await (const instance of allInstances(call, filter)) instances.push(instance);
      const list = create(ListInstancesResponseSchema, { instances });
      await call.printer.message(ListInstancesResponseSchema, list, () => instanceTable(instances));
    }),
  );

  look('show <instance>', 'all that is known of one').action(
    onWorker(surroundings, async (call, [words]) => {
      const name = await findInstance(call, words);
      const instance = await ask(call, METHODS.getInstance, { name });
      await call.printer.message(InstanceSchema, instance, () => instanceFacts(instance));
    }),
  );

  look('events <instance>', 'what happened to it, the newest first', (command) =>
    command.option('--limit <number>', `at most so many; ${EVENTS} unless it is said`, wholeNumber(1, MAX_EVENTS)),
  ).action(
    onWorker<{ limit?: number }>(surroundings, async (call, [words], { limit = EVENTS }) => {
      const parent = await findInstance(call, words);
      const page = await ask(call, METHODS.listInstanceEvents, { parent, pageSize: limit });
      await call.printer.message(ListInstanceEventsResponseSchema, page, () => eventTable(page.events));
    }),
  );

  look('console-address <instance>', 'where its screen and its serial port are').action(
    onWorker(surroundings, async (call, [words]) => {
      const name = await findInstance(call, words);
      const address = await ask(call, METHODS.getConsoleAddress, { name });
      await call.printer.message(ConsoleAddressSchema, address, () => addressFacts(address));
    }),
  );

  look('diagnostics <instance>', 'what it uses').action(
    onWorker(surroundings, async (call, [words]) => {
      const name = await findInstance(call, words);
      const diagnostics = await ask(call, METHODS.getInstanceDiagnostics, { name });
      await call.printer.message(InstanceDiagnosticsSchema, diagnostics, () => diagnosticsWords(diagnostics));
    }),
  );
}

function eventTable(events: readonly InstanceEvent[]): string {
  return table(events, [
    { header: 'TIME', cell: (event) => time(event.time) ?? '' },
    { header: 'WHAT', cell: ({ type }) => type },
    { header: 'STATE', cell: ({ state }) => stateWord(state) },
    { header: 'BY', cell: ({ operation, inBand }) => (operation === '' ? (inBand ? 'the worker' : 'others') : lastPart(operation)) },
    { header: 'MESSAGE', cell: ({ message, reason, error }) => error?.message || message || reason.toLowerCase().replaceAll('_', '-') },
  ]);
}

function addressFacts({ vnc, serial }: ConsoleAddress): string {
  return facts([
    ['vnc', vnc && (vnc.socket || `${vnc.address}:${vnc.port}`)],
    ['vnc websocket', vnc && vnc.websocketPort > 0 ? `${vnc.address}:${vnc.websocketPort}` : undefined],
    ['serial', serial && (serial.path || `${serial.address}:${serial.port}`)],
  ]);
}

function diagnosticsWords({
  powerState,
  vcpuCount,
  maximumMemoryBytes,
  cpuSeconds,
  memory,
  disks,
  interfaces,
  missing,
}: InstanceDiagnostics): string {
  const amount = (value: bigint | undefined): string => (value === undefined ? '-' : bytes(Number(value)));
  const count = (value: bigint | undefined): string => (value === undefined ? '-' : String(value));
  const head = facts([
    ['state', powerState],
    ['vcpus', String(vcpuCount)],
    ['processor time', cpuSeconds === undefined ? undefined : `${cpuSeconds.toFixed(1)} s`],
    ['memory at most', amount(maximumMemoryBytes)],
    ['memory of the host', memory?.residentBytes === undefined ? undefined : amount(memory.residentBytes)],
    ['memory unused', memory?.unusedBytes === undefined ? undefined : amount(memory.unusedBytes)],
    ['not told', missing.join(', ')],
  ]);
  const diskTable = table(disks, [
    { header: 'DISK', cell: ({ device }) => device },
    { header: 'READ', cell: ({ readBytes }) => amount(readBytes), right: true },
    { header: 'WRITTEN', cell: ({ writeBytes }) => amount(writeBytes), right: true },
    { header: 'SIZE', cell: ({ capacityBytes }) => amount(capacityBytes), right: true },
    { header: 'ON THE HOST', cell: ({ allocationBytes }) => amount(allocationBytes), right: true },
  ]);
  const interfaceTable = table(interfaces, [
    { header: 'INTERFACE', cell: ({ device }) => device },
    { header: 'RECEIVED', cell: ({ receivedBytes }) => amount(receivedBytes), right: true },
    { header: 'SENT', cell: ({ sentBytes }) => amount(sentBytes), right: true },
    { header: 'ERRORS', cell: ({ receiveErrors, sendErrors }) => count((receiveErrors ?? 0n) + (sendErrors ?? 0n)), right: true },
  ]);
  return [head, disks.length > 0 ? `\n${diskTable}` : '', interfaces.length > 0 ? `\n${interfaceTable}` : ''].join('');
}
