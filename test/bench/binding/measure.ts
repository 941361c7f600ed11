import { chmod, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Libvirtd } from '../../../ops/private/libvirtd.js';
import { sampleOf, type Sample } from '../statistics.js';
import { Contestant, type Commands, type Who } from './rivals.js';
import type { BenchRow, Ground } from './rows.js';

export interface Place {
  readonly folder: string;
  readonly libvirtd: Libvirtd;
  readonly commands: Commands;
  /** A folder with the libvirt.so.0 that knows sixty statistics. */
  readonly sixty: string;
}

/** What a row came to. */
export interface Result {
  readonly row: BenchRow;
  readonly samples: ReadonlyMap<Who, Sample>;
}

/** A node of the test driver with so many running domains. */
async function uriOf({ kind, domains }: Ground, { folder, libvirtd }: Place): Promise<string> {
  if (domains === 0) return kind === 'local' ? 'test:///default' : libvirtd.testUri;
  const file = join(folder, `${kind}-${domains}.xml`);
  const domain = (i: number): string =>
    `<domain type="test"><name>domain-${i}</name><uuid>${randomUUID()}</uuid><memory>1024</memory><os><type>hvm</type></os></domain>`;
  await writeFile(file, `<node>${Array.from({ length: domains }, (_, i) => domain(i)).join('')}</node>`);
  await chmod(file, 0o644);
  return kind === 'local' ? `test://${file}` : `test+unix://${file}?socket=${libvirtd.socket}`;
}

/** Measures a row: all by turns, so that what else the machine does meets all alike. */
export async function measure(row: BenchRow, place: Place): Promise<Result> {
  const uri = await uriOf(row.ground, place);
  const who = row.who.filter((one) => one !== 'unraid' || place.commands.unraid !== null);
  const figures = new Map<Who, number[]>(who.map((one) => [one, []]));
  if (row.fresh === true) {
    for (let turn = 0; turn < row.repeats; turn++) await withContestants(row, place, who, (all) => takeTurn(row, uri, all, figures));
  } else {
    await withContestants(row, place, who, (all) => byTurns(row, uri, all, figures));
  }
  return { row, samples: new Map([...figures].map(([one, values]) => [one, sampleOf(values)])) };
}

async function withContestants(
  row: BenchRow,
  place: Place,
  who: readonly Who[],
  run: (all: readonly Contestant[]) => Promise<void>,
): Promise<void> {
  const library = row.sixty === true ? place.sixty : undefined;
  const all = who.map((one) => new Contestant(one, place.commands, { events: row.events ?? false, library }));
  try {
    await run(all);
  } finally {
    for (const one of all) await one[Symbol.asyncDispose]();
  }
}

type Figures = ReadonlyMap<Who, number[]>;

async function takeTurn(row: BenchRow, uri: string, all: readonly Contestant[], figures: Figures): Promise<void> {
  for (const one of all) {
    await one.order('open', uri);
    figures.get(one.who)?.push((await one.order(...row.order))[row.figure] as number);
  }
}

async function byTurns(row: BenchRow, uri: string, all: readonly Contestant[], figures: Figures): Promise<void> {
  for (const one of all) await one.order('open', uri);
  for (const one of all) {
    for (let i = 0; i < (row.warmUps ?? 1); i++) await one.order(...row.order);
  }
  for (let turn = 0; turn < row.repeats; turn++) {
    for (const one of all) figures.get(one.who)?.push((await one.order(...row.order))[row.figure] as number);
  }
  for (const one of all) await one.order('close');
}
