import { open, readFile, rename, stat } from 'node:fs/promises';
import { z } from 'zod';
import { DiskImage } from '../../../common/messages/images.js';
import { DesiredPowerState } from '../../../common/messages/power-state.js';
import type { SpecNow } from '../../instances/spec-now.js';
import type { Desired } from '../../ports.js';

const DesiredEntry = z.object({ powerState: DesiredPowerState, autodestroy: z.boolean() });

const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/);

/** What an instance's directory remembers of it. One JSON object a line, in order; later lines add to earlier ones. */
export const JournalEntry = z.discriminatedUnion('entry', [
  z.object({
    entry: z.literal('begun'),
    specHash: z.string(),
    generation: z.int(),
    requestId: z.string(),
    /** The manifest: every file that is going to be made here. Nothing else is ever removed. */
    files: z.array(FileName),
    /** The images that were fetched for it, as they were. */
    images: z.array(DiskImage).optional(),
  }),
  z.object({ entry: z.literal('committed'), at: z.string(), desired: DesiredEntry.optional() }),
  /** A reboot is under way; over with the next `done`. */
  z.object({ entry: z.literal('rebooting'), key: z.string(), domainId: z.int() }),
  /** More of the manifest: files that are going to be made after the spawn. */
  z.object({ entry: z.literal('files'), files: z.array(FileName) }),
  /** A guest is switched off for other sizes, and comes back; over with the next `done`. */
  z.object({ entry: z.literal('resizing'), key: z.string() }),
  /** A disk is copied to a file of this name; over with the next `done`. */
  z.object({ entry: z.literal('snapshotting'), key: z.string(), name: z.string() }),
  /** New disks lie beside those whose places they take once the guest is off; over with the next `done`, or when none lie there any more. */
  z.object({ entry: z.literal('rebuilding'), key: z.string(), running: z.boolean(), files: z.array(FileName) }),
  /** A file is made for a disk that is to be attached; over with the next attachDisk or detachDisk that is done. */
  z.object({ entry: z.literal('attaching'), device: z.string() }),
  /** From here on it boots from a rescue image; what it was before is in a file. */
  z.object({ entry: z.literal('rescued'), key: z.string(), former: z.enum(['running', 'shutdown']) }),
  /** It is what it was before, and belongs where it was. */
  z.object({ entry: z.literal('unrescued'), key: z.string(), desired: DesiredEntry }),
  /** A change came to its end. */
  z.object({
    entry: z.literal('done'),
    verb: z.string(),
    key: z.string(),
    at: z.string(),
    desired: DesiredEntry.optional(),
    /** What the instance has from here on, where the change made that another: a spec without its secrets. */
    spec: z.looseObject({ id: z.string() }).optional(),
  }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
type Entry<T extends JournalEntry['entry']> = Extract<JournalEntry, { entry: T }>;
export type Begun = Extract<JournalEntry, { entry: 'begun' }>;

export const JOURNAL = 'journal.jsonl';
/** While it is written anew. */
export const UNFINISHED_JOURNAL = `${JOURNAL}.part`;

export interface JournalState {
  /** The newest beginning; null when none reached the disk. */
  readonly begun: Begun | null;
  readonly committed: boolean;
  /** All files that any beginning listed, and those that came later. */
  readonly files: readonly string[];
  readonly desired: Desired;
  /** What it has by the last change that told; null: what its wish says. */
  readonly spec: SpecNow | null;
  /** The last changes that came to their end, by verb and key. */
  readonly done: ReadonlySet<string>;
  /** The reboot that was begun and has not come to its end. */
  readonly rebooting: Entry<'rebooting'> | null;
  /** The resize that was begun with the guest running, and has not come to its end. */
  readonly resizing: Entry<'resizing'> | null;
  /** The rebuild whose new disks are made, and that has not come to its end. */
  readonly rebuilding: Entry<'rebuilding'> | null;
  /** Null: it boots from its own disks. */
  readonly rescued: Entry<'rescued'> | null;
  /** The snapshot that was begun and has not come to its end. */
  readonly snapshotting: Entry<'snapshotting'> | null;
  /** Disks whose files were made by attachments that have not come to their end. */
  readonly attaching: ReadonlySet<string>;
}

/** What tells that a change is under way; nobody asks once it is done. */
const UNDER_WAY: readonly JournalEntry['entry'][] = ['rebooting', 'resizing', 'snapshotting', 'rebuilding'];
/** Changes remembered: many more than can be on their way for one instance at a time. */
const REMEMBERED = 32;
/** Size beyond which a journal is written anew without what nobody asks for any more; in bytes. */
const LARGE = 32 * 1024;

export const doneKey = (verb: string, key: string): string => `${verb} ${key}`;

/** Reads a journal; a line that was torn by a crash counts as never written. */
export async function readJournal(directory: string): Promise<JournalState> {
  return stateOf(await readEntries(directory));
}

function stateOf(entries: readonly JournalEntry[]): JournalState {
  const begun = entries.filter((entry) => entry.entry === 'begun');
  const desired = entries.flatMap((entry) => ('desired' in entry && entry.desired ? [entry.desired] : []));
  const done = entries.filter((entry) => entry.entry === 'done').slice(-REMEMBERED);
  const spec = entries.findLast(tellsSpec)?.spec;
  const last = entries.findLast(({ entry }) => UNDER_WAY.includes(entry) || entry === 'done');
  const rescue = entries.findLast(isOfRescue);
  const attaching = entries.slice(lastPlugged(entries) + 1).flatMap((entry) => (entry.entry === 'attaching' ? [entry.device] : []));
  return {
    begun: begun.at(-1) ?? null,
    committed: entries.some((entry) => entry.entry === 'committed'),
    files: [...new Set(entries.flatMap((entry) => ('files' in entry ? entry.files : [])))],
    desired: desired.at(-1) ?? { powerState: 'running', autodestroy: false },
    spec: (spec as unknown as SpecNow | undefined) ?? null,
    done: new Set(done.map(({ verb, key }) => doneKey(verb, key))),
    rebooting: last?.entry === 'rebooting' ? last : null,
    snapshotting: last?.entry === 'snapshotting' ? last : null,
    resizing: last?.entry === 'resizing' ? last : null,
    rebuilding: last?.entry === 'rebuilding' && last.files.length > 0 ? last : null,
    rescued: rescue?.entry === 'rescued' ? rescue : null,
    attaching: new Set(attaching),
  };
}

const tellsSpec = (entry: JournalEntry): entry is Entry<'done'> => entry.entry === 'done' && entry.spec !== undefined;
const lastPlugged = (entries: readonly JournalEntry[]): number =>
  entries.findLastIndex((entry) => entry.entry === 'done' && (entry.verb === 'attachDisk' || entry.verb === 'detachDisk'));

const isOfRescue = ({ entry }: JournalEntry): boolean => entry === 'rescued' || entry === 'unrescued';

/** Of an instance without a directory. */
export const NO_JOURNAL: JournalState = stateOf([]);

async function readEntries(directory: string): Promise<JournalEntry[]> {
  const text = await readFile(`${directory}/${JOURNAL}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap(entryOf);
}

/** Adds a line; it is in the file when the first promise resolves and on the storage when the second does. */
export async function appendJournal(directory: string, entry: JournalEntry): Promise<{ stored: Promise<void> }> {
  const handle = await open(`${directory}/${JOURNAL}`, 'a', 0o640);
  try {
    await handle.appendFile(`\n${JSON.stringify(entry)}\n`); // the first line break ends a line that a crash may have torn
  } catch (error) {
    await handle.close();
    throw error;
  }
  const stored = handle.datasync().finally(() => handle.close());
  stored.catch(() => {}); // whoever needs it waits for it
  return { stored };
}

/**
 * Keeps a journal short, however long its instance lives: written beside it, on the storage, renamed over it. true: the directory changed,
 * and has to be put on the storage, too.
 */
export async function compactJournal(directory: string): Promise<boolean> {
  const { size } = await stat(`${directory}/${JOURNAL}`);
  if (size <= LARGE) return false;
  const entries = await readEntries(directory);
  const forgotten = new Set(entries.filter((entry) => entry.entry === 'done').slice(0, -REMEMBERED));
  const closed = entries.findLastIndex((entry) => entry.entry === 'done');
  const plugged = lastPlugged(entries);
  const telling = entries.findLast(tellsSpec);
  const lasting = new Set<JournalEntry | undefined>([
    telling,
    entries.findLast(isOfRescue),
    entries.findLast((entry) => 'desired' in entry && entry.desired),
  ]);
  const kept = entries.filter((entry, i) => {
    if (lasting.has(entry)) return true;
    if (entry.entry === 'done') return !forgotten.has(entry);
    if (entry.entry === 'attaching') return i > plugged;
    return !isOfRescue(entry) && (!UNDER_WAY.includes(entry.entry) || i > closed);
  });
  const handle = await open(`${directory}/${UNFINISHED_JOURNAL}`, 'w', 0o640);
  try {
    await handle.writeFile(kept.map((entry) => `${JSON.stringify(entry === telling ? entry : withoutSpec(entry))}\n`).join(''));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(`${directory}/${UNFINISHED_JOURNAL}`, `${directory}/${JOURNAL}`);
  return true;
}

/** Only the last one is of use. */
function withoutSpec(entry: JournalEntry): JournalEntry {
  if (!tellsSpec(entry)) return entry;
  const { spec: _spec, ...rest } = entry;
  return rest;
}

function entryOf(line: string): JournalEntry[] {
  if (line === '') return [];
  try {
    const parsed = JournalEntry.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
