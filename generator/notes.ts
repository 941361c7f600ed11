/** What differs in JavaScript from libvirt's own description of a function; shown at the method, in our words, with full and with short documentation. */

export const NOTES: Readonly<Record<string, string>> = {
  virDomainGetID: 'It is -1 when the domain is not running, and this is no error.',
  virDomainLxcEnterCGroup: 'The whole Node process enters the group, with all its threads.',
  virDomainMigrate: 'The domain that is returned belongs to the connection of the destination.',
  virDomainMigrate2: 'The domain that is returned belongs to the connection of the destination.',
  virDomainOpenGraphicsFD: 'The file descriptor is the caller’s to close.',
  virNodeDeviceGetParent: 'It is null for the root of the tree of devices, and when the call fails.',
};
