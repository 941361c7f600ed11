import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History, type HistoryOptions } from '../../../../services/compute/revisions/history.js';
import type { RecordedInstance } from '../../../../services/compute/revisions/recorded-instance.js';
import { type Revision, Revisions, type RevisionsOptions } from '../../../../services/compute/revisions/revisions.js';
import { WriteBehind } from '../../../../services/compute/revisions/write-behind.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';
import { KeptLog } from '../../../support/with-worker.js';

/** A file for a log that is opened again and again. */
export function stateFile(t: TakeAway): string {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-revisions-'));
  takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true })));
  return join(directory, 'worker.db');
}

/** The log of one worker's life. */
export class OpenLog<T extends object = RecordedInstance> {
  readonly log = new KeptLog();
  readonly file: WriteBehind;
  readonly revisions: Revisions<T>;
  readonly history: History;

  constructor(file = ':memory:', options: RevisionsOptions & HistoryOptions & { readonly quietMs?: number } = {}) {
    this.file = new WriteBehind({ file, log: this.log, quietMs: options.quietMs ?? 1 });
    this.revisions = new Revisions<T>(this.file, options);
    this.history = new History(this.file, options);
  }

  /** Resolves with the next revision that fits, as soon as it is on the disk. */
  next(fits: (revision: Revision<T>) => boolean): Promise<Revision<T>> {
    return new Promise((resolve) => {
      const alive = setInterval(() => {}, 60_000); // a worker's server keeps its process alive; its log does not
      const end = this.revisions.onChange((changes) => {
        const found = changes.find(fits);
        if (!found) return;
        end();
        clearInterval(alive);
        resolve(found);
      });
    });
  }
}
