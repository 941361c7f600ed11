import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A directory that goes with the test. */
export function temporaryDirectory(t: Pick<TestContext, 'after'>): string {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'novalet-virt-')));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
