import { ComputeError } from '../../../common/errors.js';
import type { ConsoleAddress } from '../../../common/messages/results.js';
import type { LookRequest } from '../../ports.js';
import { attribute, child, childrenOf, Definition, type Element } from './definition.js';
import type { InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { mustBeThere } from './must-be-there.js';
import { isOff } from './power-state.js';

/** Where the guest's screen and first serial port are now; another start may put them elsewhere. */
export async function consoleAddress(
  request: LookRequest,
  tools: { readonly link: Link; readonly directories: InstanceDirectories },
): Promise<ConsoleAddress> {
  const { id, deadline } = request;
  const what = `consoleAddress ${id}`;
  const { domain, powerState } = await mustBeThere(request, tools, what);
  if (isOff(powerState))
    throw new ComputeError('precondition', `${what}: the instance is ${powerState}, and only a guest that runs has one; start it first`);
  const live = new Definition(await tools.link.call('virDomainGetXMLDesc', what, () => domain.XMLDesc(0), deadline));
  const vnc = screenOf(live);
  const serial = serialOf(live.devices('serial')[0]);
  return { ...(vnc && { vnc }), ...(serial && { serial }) };
}

function screenOf(live: Definition): ConsoleAddress['vnc'] {
  const graphics = live.devices('graphics').find((found) => attribute(found, 'type') === 'vnc');
  if (!graphics) return undefined;
  const listen = childrenOf(graphics, 'listen')[0];
  const socket = attribute(graphics, 'socket') ?? attribute(listen, 'socket');
  if (socket !== undefined) return { socket };
  const address = attribute(listen, 'address') ?? attribute(graphics, 'listen');
  const port = Number(attribute(graphics, 'port'));
  const websocket = Number(attribute(graphics, 'websocket') ?? -1);
  if (address === undefined || !(port > 0)) return undefined;
  return { address, port, ...(websocket > 0 && { websocketPort: websocket }) };
}

function serialOf(serial: Element | undefined): ConsoleAddress['serial'] {
  if (!serial) return undefined;
  const source = child(serial, 'source');
  const [path, address, port] = ['path', 'host', 'service'].map((name) => attribute(source, name));
  if (path !== undefined) return { path };
  return address !== undefined && port !== undefined ? { address, port: Number(port) } : undefined;
}
