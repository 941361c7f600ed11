const VERSION = /^(\d{1,4})\.(\d{1,4})$/;

/** Highest minor version spoken of each major one. */
export type Spoken = Readonly<Record<number, number>>;

/** oslo.messaging's rule: the same major version, and a minor one that is not higher. */
export function speaks(spoken: Spoken, version: string): boolean {
  const [, major, minor] = VERSION.exec(version) ?? [];
  const highest = spoken[Number(major)];
  return highest !== undefined && Number(minor) <= highest;
}
