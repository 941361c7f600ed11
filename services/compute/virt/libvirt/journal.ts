import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What an instance's directory remembers of its making. One JSON object a line, in order; later lines add to earlier ones. */
export const JournalEntry = z.discriminatedUnion('entry', [
  z.object({
    entry: z.literal('begun'),
    specHash: z.string(),
    generation: z.int(),
    requestId: z.string(),
    /** The manifest: every file that is going to be made here. Nothing else is ever removed. */
    files: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/)),
  }),
  z.object({ entry: z.literal('committed'), at: z.string() }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
export type Begun = Extract<JournalEntry, { entry: 'begun' }>;

export const JOURNAL = 'journal.jsonl';

export interface JournalState {
  /** The newest beginning; null when none reached the disk. */
  readonly begun: Begun | null;
  readonly committed: boolean;
  /** All files that any beginning listed. */
  readonly files: readonly string[];
}

/** Reads a journal; a line that was torn by a crash counts as never written. */
export async function readJournal(directory: string): Promise<JournalState> {
  const text = await readFile(`${directory}/${JOURNAL}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const entries = text.split('\n').flatMap(entryOf);
  const begun = entries.filter((entry) => entry.entry === 'begun');
  return {
    begun: begun.at(-1) ?? null,
    committed: entries.some((entry) => entry.entry === 'committed'),
    files: [...new Set(begun.flatMap((entry) => entry.files))],
  };
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

function entryOf(line: string): JournalEntry[] {
  if (line === '') return [];
  try {
    const parsed = JournalEntry.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
