import Database from 'better-sqlite3';
import { ComputeError } from '../../common/errors.js';

/** Holds the state directory for one worker. */
export interface StateLock {
  release(): void;
}

/**
 * One worker a state directory: two would each believe that an instance is theirs alone. The kernel takes the lock from a process that dies, however
 * it dies. SQLite is asked because Node has no lock of files.
 * @throws ComputeError precondition when another process holds it
 */
export function lockState(file: string): StateLock {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const why = (error as { code?: unknown }).code === 'SQLITE_BUSY' ? 'another worker runs on it; end that one first' : String(error);
    throw new ComputeError(
      'precondition',
      `NOVALET_STATE_DIR: ${file} cannot be locked: ${why}. Each worker needs a state directory of its own`,
      {},
      { cause: error },
    );
  }
  return { release: () => database.close() };
}
