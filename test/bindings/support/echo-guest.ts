import type { virConnect, virDomain, virStoragePool } from '@novalet/libvirt';
import { makeVolume } from './storage.js';

/** Sixteen-bit code for the boot sector: writes '>' to the serial line, then whatever it reads there, for ever. */
const CODE = [
  ...[0xba, 0xf8, 0x03, 0xb0, 0x3e, 0xee], // out 0x3f8, '>'
  ...[0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb], // until there is a byte
  ...[0xba, 0xf8, 0x03, 0xec, 0x88, 0xc4], // in ah
  ...[0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb], // until there is room
  ...[0x88, 0xe0, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xe2], // out ah, and again
];

/** A running guest of QEMU that gives back what it gets on its console. */
export async function startEchoGuest(conn: virConnect, pool: virStoragePool, name = 'echo'): Promise<virDomain> {
  const sector = Buffer.alloc(512);
  sector.set(CODE);
  sector.set([0x55, 0xaa], 510);
  const volume = await makeVolume(pool, `${name}.img`, 512);
  await using stream = conn.newStream();
  await volume.upload(stream, 0, 512, 0);
  await stream.send(sector);
  await stream.finish();
  return conn.createXML(
    `<domain type="qemu"><name>${name}</name><memory unit="MiB">16</memory>
      <os><type arch="x86_64" machine="pc">hvm</type></os>
      <devices>
        <disk type="file"><driver name="qemu" type="raw"/><source file="${await volume.path()}"/><target dev="hda" bus="ide"/></disk>
        <serial type="pty"/><console type="pty"/><video><model type="vga"/></video>
      </devices></domain>`,
    0,
  );
}
