import type { InstanceSpec } from '../../../common/messages/instance-spec.js';

/** What a seed is made from. */
export type SeedWish = Pick<InstanceSpec, 'id' | 'name' | 'seed' | 'metadata'>;

/** What is on the CD, by its paths there. */
export interface SeedFiles {
  readonly label: string;
  readonly files: readonly { readonly name: string; readonly content: string }[];
}

/** The files of a seed, as cloud-init's data sources NoCloud and ConfigDrive read them. Needs `spec.seed`. */
export function seedFiles(spec: SeedWish): SeedFiles {
  return spec.seed?.format === 'config-2' ? configDrive(spec) : noCloud(spec);
}

/** JSON is YAML as well, which is how cloud-init reads meta-data. user-data has to be there, be it empty. */
function noCloud({ id, seed = {} }: SeedWish): SeedFiles {
  const { hostname, sshKeys, userData, vendorData, networkConfig } = seed;
  const metaData = { 'instance-id': id, 'local-hostname': hostname, 'public-keys': sshKeys };
  return {
    label: 'cidata',
    files: present([
      ['meta-data', json(metaData)],
      ['user-data', userData ?? ''],
      ['vendor-data', vendorData],
      ['network-config', networkConfig],
    ]),
  };
}

function configDrive({ id, name, seed = {}, metadata }: SeedWish): SeedFiles {
  const { hostname, sshKeys = [], userData, vendorData, networkConfig } = seed;
  const keys = sshKeys.map((key, index) => [`key-${index}`, key] as const);
  const metaData = { uuid: id, name, hostname, launch_index: 0, public_keys: Object.fromEntries(keys), meta: metadata };
  return {
    label: 'config-2',
    files: present([
      ['openstack/latest/meta_data.json', json(metaData)],
      ['openstack/latest/user_data', userData],
      ['openstack/latest/vendor_data.json', vendorData],
      ['openstack/latest/network_data.json', networkConfig],
    ]),
  };
}

function present(files: readonly (readonly [string, string | undefined])[]) {
  return files.flatMap(([name, content]) => (content === undefined ? [] : [{ name, content }]));
}

const json = (value: object): string => `${JSON.stringify(value)}\n`;
