import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LibvirtMetrics } from '../../services/compute/metrics.js';
import type { Driver, Step } from '../../services/compute/ports.js';
import type { Checkpoint } from '../../services/compute/virt/libvirt/checkpoint.js';
import type { VirtType } from '../../services/compute/virt/libvirt/domain-xml.js';
import type { Libvirt } from '../../services/compute/virt/libvirt/libvirt-calls.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { UNMEASURED } from '../../services/compute/images/metrics.js';
import { digestOf, gives, type ImageServer, startImageServer } from '../support/image-server.js';
import { attribute, child, Definition } from '../../services/compute/virt/libvirt/definition.js';
import { qemuImg } from '../../services/compute/virt/libvirt/qemu-img.js';
import type { DriverBench } from './driver-contract.js';

export const unmeasured: LibvirtMetrics = { observe: () => {}, connectionState: () => {} };

type FromHypervisor =
  | 'plugs'
  | 'copiesLive'
  | 'cling'
  | 'giveAgent'
  | 'sizes'
  | 'canStartPaused'
  | 'makeForeign'
  | 'pullThePlug'
  | 'suspendToDisk'
  | 'undefine'
  | 'close';

export interface LibvirtBenchOptions extends Pick<DriverBench, FromHypervisor> {
  readonly libvirt: Libvirt;
  readonly uri: string;
  readonly virtType: VirtType;
  titleOf(id: string): Promise<string>;
  /** virDomainGetXMLDesc. */
  xmlOf(id: string, flags: number): Promise<string>;
  /** Domains that bear the id. */
  domainsOf(id: string): Promise<string[]>;
}

export interface LibvirtBench extends DriverBench {
  /** Where images come from; empty. */
  readonly imageDir: string;
  readonly stateDir: string;
  /** Where images may be fetched from. */
  readonly server: ImageServer;
}

/** The libvirt driver with a state directory of its own, over whatever libvirt is given. */
export async function libvirtBench(options: LibvirtBenchOptions): Promise<LibvirtBench> {
  const { libvirt, uri, virtType } = options;
  const stateDir = mkdtempSync(path.join(tmpdir(), 'novalet-contract-'));
  const root = path.join(stateDir, 'instances');
  const imageDir = path.join(stateDir, 'images');
  mkdirSync(imageDir);
  const content = Buffer.alloc(64 * 1024, 'an image');
  const server = await startImageServer();
  const bounds = { limitBytes: Infinity, maxImageBytes: Infinity, metrics: UNMEASURED };
  const open = (checkpoint?: Checkpoint) => {
    const images = { hosts: [server.host], ...bounds };
    const settings = { uri, virtType, stateDir, imageDirs: [imageDir], images, snapshotDir: imageDir, metrics: unmeasured };
    return new LibvirtDriver(libvirt, { ...settings, ...(checkpoint && { checkpoint }) });
  };
  const diskInfo = async (id: string, device: string) => {
    const file = path.join(root, id, `disk-${device.charCodeAt(2) - 'a'.charCodeAt(0)}.qcow2`);
    const said = await qemuImg(['info', '-U', '-f', 'qcow2', '--output=json', file], 10_000);
    return JSON.parse(said) as { readonly 'virtual-size': number; readonly 'backing-filename'?: string };
  };
  const driver = open();
  const filesOf = async (id: string) => (await readdir(root)).filter((name) => name.startsWith(id));
  return {
    ...options,
    driver,
    imageDir,
    stateDir,
    nameOf: (id) => options.titleOf(id),
    traces: async (id) => [...(await options.domainsOf(id)), ...(await filesOf(id))],
    reopen: () => open(),
    cutOffAfter: (step, request) => cutOff(open, step, (driver) => driver.spawn(request)),
    cutOffIn: (step, change) => cutOff(open, step, change),
    consoleOf: (id, text) => writeFile(path.join(root, id, 'console.log'), text),
    server,
    image: () => Promise.resolve({ url: server.on('/image', gives(content)), sha256: digestOf(content) }),
    devicesOf: async (id) => ({ now: devicesIn(await options.xmlOf(id, 0)), next: devicesIn(await options.xmlOf(id, INACTIVE)) }),
    diskMiB: async (id, device) => (await diskInfo(id, device))['virtual-size'] / (1024 * 1024),
    baseOf: async (id, device) => (await diskInfo(id, device))['backing-filename'] ?? null,
    definitionOf: async (id) => new Definition(await options.xmlOf(id, INACTIVE)).toString(),
    close: async () => {
      await driver.close();
      await options.close();
      await server.close();
      rmSync(stateDir, { recursive: true });
    },
  };
}

const INACTIVE = 2;

function devicesIn(xml: string): string[] {
  const definition = new Definition(xml);
  const disks = definition.devices('disk').map((disk) => attribute(child(disk, 'target'), 'dev') ?? '');
  return [...disks, ...definition.devices('interface').map((nic) => attribute(child(nic, 'mac'), 'address') ?? '')];
}

/** Stops a command for good at a checkpoint: for whoever comes after, its process is dead. */
async function cutOff(open: (checkpoint: Checkpoint) => LibvirtDriver, at: Step, command: (driver: Driver) => Promise<unknown>) {
  const reached = new Promise<LibvirtDriver>((resolve, reject) => {
    const dead: LibvirtDriver = open((step) => {
      if (step !== at) return Promise.resolve();
      resolve(dead);
      return new Promise(() => {});
    });
    command(dead).then(() => reject(new Error(`the step ${at} was never reached`)), reject);
  });
  await (await reached).close();
  return open(() => Promise.resolve());
}
