import {
  VIR_CONNECT_CLOSE_REASON_CLIENT,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_EVENT_ID_REBOOT,
  VIR_NETWORK_EVENT_ID_LIFECYCLE,
  VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE,
  VIR_SECRET_EVENT_ID_LIFECYCLE,
  VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
  VIR_STORAGE_POOL_EVENT_ID_REFRESH,
} from '@novalet/libvirt';
import { call, calls, getters, refused, type Scenario } from '../step.js';

const DOMAIN =
  '<domain type="test"><name>made</name><uuid>11111111-2222-3333-4444-555555555555</uuid><memory>1024</memory><os><type>hvm</type></os></domain>';
const NETWORK =
  '<network><name>made</name><uuid>11111111-2222-3333-4444-666666666666</uuid><bridge name="virbr7"/><mac address="52:54:00:99:88:77"/></network>';
const POOL =
  '<pool type="dir"><name>made</name><uuid>11111111-2222-3333-4444-777777777777</uuid><target><path>/made</path></target></pool>';

/** Every event of the test driver, with its callbacks' arguments. */
export const events: Scenario = {
  name: 'events',
  steps: [
    call('conn.lookupByName', ['test'], { as: 'test' }),
    call('conn.domainEventRegisterAny', [null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, { $callback: 'life' }, 'opaque'], { as: 'life' }),
    call('conn.domainEventRegisterAny', [{ $: 'test' }, VIR_DOMAIN_EVENT_ID_LIFECYCLE, { $callback: 'test life' }, { a: 1 }], {
      as: 'testLife',
    }),
    call('conn.domainEventRegisterAny', [null, VIR_DOMAIN_EVENT_ID_REBOOT, { $callback: 'reboot' }, null], { as: 'reboot' }),
    call('conn.domainEventRegisterAny', [null, 99, { $callback: 'never' }, null], { differs: 'binding-errors' }),
    call('conn.domainEventRegister', [{ $callback: 'legacy' }, 'legacy opaque']),
    call('conn.defineXML', [DOMAIN], { as: 'dom' }),
    ...getters('dom', 'create suspend resume reboot destroy undefine'),
    ...getters('test', 'suspend resume'),
    { wait: 'life', count: 8 },
    { wait: 'test life', count: 2 },
    { wait: 'legacy', count: 8 },
    { wait: 'reboot', count: 0 },
    call('conn.domainEventDeregisterAny', [{ $: 'life' }], { differs: 'deregister-result' }),
    call('conn.domainEventDeregisterAny', [{ $: 'testLife' }], { differs: 'deregister-result' }),
    call('conn.domainEventDeregisterAny', [{ $: 'reboot' }], { differs: 'deregister-result' }),
    call('conn.domainEventDeregisterAny', [4711], { differs: 'own-callback-ids' }),
    call('conn.domainEventDeregister', [{ $callback: 'legacy' }]),
    call('conn.networkEventRegisterAny', [null, VIR_NETWORK_EVENT_ID_LIFECYCLE, { $callback: 'network' }, 'opaque'], {
      as: 'network',
      volatile: [''],
    }),
    call('conn.networkEventRegisterAny', [null, 99, { $callback: 'never' }, null], { differs: 'binding-errors' }),
    call('conn.networkDefineXML', [NETWORK], { as: 'net' }),
    ...getters('net', 'create destroy undefine'),
    { wait: 'network', count: 4 },
    call('conn.networkEventDeregisterAny', [{ $: 'network' }], { differs: 'deregister-result' }),
    call('conn.networkEventDeregisterAny', [4711], { differs: 'own-callback-ids' }),
    call('conn.storagePoolEventRegisterAny', [null, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, { $callback: 'pool' }, 'opaque'], {
      as: 'pool',
      volatile: [''],
    }),
    call('conn.storagePoolEventRegisterAny', [null, VIR_STORAGE_POOL_EVENT_ID_REFRESH, { $callback: 'refresh' }, 'opaque'], {
      as: 'refresh',
      volatile: [''],
    }),
    call('conn.storagePoolDefineXML', [POOL], { as: 'made' }),
    ...getters('made', 'create refresh destroy undefine'),
    { wait: 'pool', count: 4 },
    { wait: 'refresh', count: 1 },
    call('conn.storagePoolEventDeregisterAny', [{ $: 'pool' }], { differs: 'deregister-result' }),
    call('conn.storagePoolEventDeregisterAny', [{ $: 'refresh' }], { differs: 'deregister-result' }),
    call('conn.storagePoolEventDeregisterAny', [4711], { differs: 'own-callback-ids' }),
    call('conn.nodeDeviceEventRegisterAny', [null, VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, { $callback: 'device' }, 'opaque'], {
      as: 'device',
      volatile: [''],
    }),
    call('conn.nodeDeviceEventDeregisterAny', [{ $: 'device' }], { differs: 'deregister-result' }),
    call('conn.nodeDeviceEventDeregisterAny', [4711], { differs: 'own-callback-ids' }),
    call('conn.secretEventRegisterAny', [null, VIR_SECRET_EVENT_ID_LIFECYCLE, { $callback: 'secret' }, 'opaque']),
    call('conn.secretEventDeregisterAny', [4711], { differs: 'own-callback-ids' }),
    call('qemu.qemuMonitorEventRegister', [{ $: 'conn' }, null, null, { $callback: 'monitor' }, 'opaque', 0]),
    call('qemu.qemuMonitorEventDeregister', [{ $: 'conn' }, 4711], { differs: 'own-callback-ids' }),
    call('conn.domainEventRegisterAny', [null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, { $callback: 'one' }, null], { as: 'one', volatile: [''] }),
    call('conn.domainEventRegisterAny', [null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, { $callback: 'two' }, null], {
      as: 'two',
      differs: 'several-callbacks',
    }),
    call('conn.domainEventDeregisterAny', [{ $: 'one' }], { differs: 'deregister-result' }),
  ],
};

/** The close callback. */
export const closeCallback: Scenario = {
  name: 'the close callback',
  steps: [
    call('conn.registerCloseCallback', [{ $callback: 'closed' }, 'opaque']),
    call('conn.unregisterCloseCallback', [], { differs: 'deregister-result' }),
    call('conn.registerCloseCallback', [{ $callback: 'closed' }, VIR_CONNECT_CLOSE_REASON_CLIENT]),
    call('conn.unregisterCloseCallback', [], { differs: 'deregister-result' }),
  ],
};

const bytes = (text: string): { $bytes: string } => ({ $bytes: Buffer.from(text).toString('hex') });

/** Streams of the test driver: a picture of the screen; and streams that are used wrongly. */
export const streams: Scenario = {
  name: 'streams',
  steps: [
    call('conn.lookupByName', ['test'], { as: 'dom' }),
    call('conn.newStream', [], { as: 'idle' }),
    ...calls('idle.recv', [16], ['sixteen']),
    ...calls('idle.send', [bytes('data')]),
    ...refused('idle.send', ['text']),
    ...calls('idle.recvFlags', [16, 0], [16, 1], [16, 16]),
    ...calls('idle.recvHole', [], [1]),
    ...calls('idle.sendHole', [16], [16, 1]),
    ...getters('idle', 'finish abort'),
    call('idle.eventAddCallback', [1, { $callback: 'stream' }, null], { differs: 'idle-stream' }),
    call('idle.eventUpdateCallback', [1], { differs: 'idle-stream' }),
    call('idle.eventRemoveCallback', [], { differs: 'idle-stream' }),
    call('idle.recvAll', [{ $callback: 'nothing' }, null]),
    call('idle.sendAll', [{ $callback: 'gives', returns: [bytes('data'), bytes('')] }, 'opaque']),
    call('idle.sparseRecvAll', [{ $callback: 'nothing' }, { $callback: 'nothing' }, null]),
    ...calls('conn.newStream', [1], [99]),
    call('conn.newStream', [], { as: 'screen' }),
    call('dom.screenshot', [{ $: 'screen' }, 0, 0]),
    call('screen.recv', [8]),
    call('screen.recv', [8]),
    call('screen.finish'),
    call('conn.newStream', [], { as: 'whole' }),
    call('dom.screenshot', [{ $: 'whole' }, 0]),
    call('whole.recvAll', [{ $callback: 'picture' }, 'opaque']),
    { wait: 'picture', count: 1 },
    call('whole.finish'),
    call('conn.newStream', [], { as: 'refused' }),
    call('dom.screenshot', [{ $: 'refused' }, 0]),
    call('refused.recvAll', [{ $callback: 'refuse', returns: [-1] }, 'opaque']),
    call('conn.newStream', [], { as: 'broken' }),
    call('dom.screenshot', [{ $: 'broken' }, 0]),
    call('broken.recvAll', [{ $raises: 'enough' }, 'opaque']),
    call('broken.finish'),
    call('conn.newStream', [], { as: 'other' }),
    ...calls('dom.screenshot', [{ $: 'other' }, 99, 0], [{ $: 'other' }, 0, 1]),
    call('dom.screenshot', [null, 0], { differs: 'argument-checks' }),
    call('dom.screenshot', [{ $: 'conn' }, 0, 0], { differs: 'argument-checks' }),
    ...calls('dom.openConsole', [null, { $: 'other' }], ['no-such-device', { $: 'other' }, 0]),
    ...calls('dom.openChannel', [null, { $: 'other' }], ['no-such-channel', { $: 'other' }]),
  ],
};

/** Timers and watches of the event loop's own. */
export const eventLoop: Scenario = {
  name: 'the event loop',
  uri: 'test:///default',
  steps: [
    call('libvirt.virEventAddTimeout', [1, { $callback: 'timer' }, 'opaque'], { as: 'timer', volatile: [''] }),
    call('libvirt.virEventAddTimeout', ['soon', { $callback: 'timer' }, null]),
    call('libvirt.virEventUpdateTimeout', [{ $: 'timer' }, -1]),
    call('libvirt.virEventRemoveTimeout', [{ $: 'timer' }]),
    call('libvirt.virEventRemoveTimeout', [{ $: 'timer' }]),
    call('libvirt.virEventRemoveTimeout', [4711]),
    call('libvirt.virEventUpdateTimeout', [4711, 1]),
    call('libvirt.virEventAddHandle', ['one', 1, { $callback: 'watch' }, null]),
    call('libvirt.virEventRemoveHandle', [4711]),
    call('libvirt.virEventUpdateHandle', [4711, 1]),
    call('libvirt.virEventRegisterDefaultImpl'),
  ],
};
