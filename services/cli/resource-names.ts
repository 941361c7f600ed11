/** The one project of a host. */
export const PROJECT = 'projects/default';
/** The host that is asked, whatever its name. */
export const THIS_HOST = 'hosts/-';

/** The last part of a resource's name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
