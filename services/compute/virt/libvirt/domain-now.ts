import type { Changing } from './changing.js';
import { Definition } from './definition.js';
import { type Domain, VIR_DOMAIN_XML_INACTIVE, VIR_DOMAIN_XML_SECURE } from './libvirt-calls.js';

/** What the domain's next start will have, whole, so that it can be defined anew. */
export function readDefined(changing: Changing, domain: Domain): Promise<Definition> {
  return read(changing, domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
}

/** What the guest has that runs. */
export function readLive(changing: Changing, domain: Domain): Promise<Definition> {
  return read(changing, domain, 0);
}

/** For the next start; a guest that runs keeps what it has. */
export async function define({ id, deadline, tools }: Changing, xml: string): Promise<void> {
  await tools.link.call('virDomainDefineXMLFlags', `define ${id}`, (connection) => connection.defineXMLFlags(xml, 0), deadline);
}

async function read({ id, deadline, tools }: Changing, domain: Domain, flags: number): Promise<Definition> {
  return new Definition(await tools.link.call('virDomainGetXMLDesc', `definition of ${id}`, () => domain.XMLDesc(flags), deadline));
}
