import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';

/** Where libvirt's own service looks for programs. */
const PROGRAM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** linux/capability.h: number 12. */
const CAP_NET_ADMIN = 1n << 12n;

/** The machine that worker and hypervisor run on, read as it is at the moment. `undefined`: it cannot be told here. */
export class LocalHost {
  constructor(private readonly root = '') {}

  /** Whether a network device is there; of a kind by the directory that it then has. */
  async hasNetworkDevice(name: string, kind?: 'bridge'): Promise<boolean | undefined> {
    const devices = `${this.root}/sys/class/net`;
    if (!(await isDirectory(devices))) return undefined;
    return isDirectory(`${devices}/${name}${kind === undefined ? '' : `/${kind}`}`);
  }

  async isTap(name: string): Promise<boolean | undefined> {
    const device = `${this.root}/sys/class/net/${name}`;
    if (!(await isDirectory(device))) return undefined;
    return readFile(`${device}/tun_flags`, 'utf8').then(
      () => true,
      () => false,
    );
  }

  /** Whose a tap device is, by numbers of user and group; -1: anybody's. */
  async tapOwner(name: string): Promise<{ readonly user: number; readonly group: number } | undefined> {
    const numberIn = async (file: string) => Number(await readFile(`${this.root}/sys/class/net/${name}/${file}`, 'utf8'));
    return Promise.all([numberIn('owner'), numberIn('group')]).then(
      ([user, group]) => ({ user, group }),
      () => undefined,
    );
  }

  /** Whether this process, and so a libvirt session of its user, may make and open whatever network devices it likes. */
  async mayMakeNetworkDevices(): Promise<boolean | undefined> {
    const status = await readFile(`${this.root}/proc/self/status`, 'utf8').catch(() => '');
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
    return effective === undefined ? undefined : (BigInt(`0x${effective}`) & CAP_NET_ADMIN) !== 0n;
  }

  async hasProgram(name: string): Promise<boolean> {
    const found = await Promise.all(PROGRAM_DIRECTORIES.map((directory) => isExecutable(`${this.root}${directory}/${name}`)));
    return found.includes(true);
  }

  /** Pages of the size that are set aside, in use or not. */
  async hugepages(sizeKiB: number): Promise<number | undefined> {
    const sizes = `${this.root}/sys/kernel/mm/hugepages`;
    if (!(await isDirectory(sizes))) return undefined;
    return Number(await readFile(`${sizes}/hugepages-${sizeKiB}kB/nr_hugepages`, 'utf8').catch(() => '0'));
  }

  async mountsHugepages(): Promise<boolean | undefined> {
    const mounts = await readFile(`${this.root}/proc/mounts`, 'utf8').catch(() => undefined);
    return mounts?.split('\n').some((line) => line.split(' ')[2] === 'hugetlbfs');
  }

  /** Whether the kernel shares out processor time by cgroups, of the second version or the first. */
  async hasCpuController(): Promise<boolean | undefined> {
    const cgroup = `${this.root}/sys/fs/cgroup`;
    if (!(await isDirectory(cgroup))) return undefined;
    const controllers = await readFile(`${cgroup}/cgroup.controllers`, 'utf8').catch(() => '');
    return controllers.split(/\s/).includes('cpu') || isDirectory(`${cgroup}/cpu`);
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
