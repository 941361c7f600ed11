/** Where a field of the queue's commands has another place in the API. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^instance\.id$/, 'instance_id'],
  [/^instance\.name$/, 'instance.display_name'],
  [/^instance\.metadata\b/, 'instance.metadata'],
  [/^instance\.(?=.)/, 'instance.spec.'],
  [/^grace$/, 'grace_period'],
  [/^(disk)\.(device)$/, 'device'],
  [/^image\.name$/, 'image_name'],
  [/^(interface)\.(mac)$/, 'mac'],
];
const REMOTE = /\bimage\.(url|sha256|format)$/;

/** A field as our schemas name it, `instance.disks[0].sizeMiB`, as the API's clients do: `instance.spec.disks[0].size_mib`. */
export function protoPath(path: string): string {
  const place = PLACES.find(([from]) => from.test(path));
  const placed = place ? path.replace(place[0], place[1]) : path;
  return placed
    .replace(REMOTE, 'remote_image.$1')
    .replace(/([KM])iB/g, '_$1ib')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/__+/g, '_');
}
