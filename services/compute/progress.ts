import type { Command } from '../common/messages/commands.js';
import { instanceIdOf } from '../common/messages/commands.js';
import type { ProgressEvent } from '../common/messages/progress.js';
import type { Progress, ProgressListener } from './ports.js';

/** Says it once to whoever listens, and forgets it: progress is worth nothing later. Must be quick and never throw. */
export type TellProgress = (command: Command, event: ProgressEvent) => void;

/** Between two reports about one command. */
const APART_MS = 500;

/**
 * What a command's driver says of its progress, made few: the first and the last of every phase, and two a second in between. Nothing waits on
 * a timer: what is held back goes when there is more, when its phase is over, or with the end of the command.
 */
export class ProgressReports {
  #held: Progress | null = null;
  #phase: string | undefined;
  #toldAt = -Infinity;

  constructor(
    private readonly command: Command,
    private readonly host: string,
    private readonly tell: TellProgress,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly listener: ProgressListener = (progress) => {
    if (progress.phase !== this.#phase) {
      this.end();
      this.#phase = progress.phase;
      this.#say(progress);
    } else if (this.now() - this.#toldAt >= APART_MS) this.#say(progress);
    else this.#held = progress;
  };

  /** Says what is held back. */
  end(): void {
    if (this.#held) this.#say(this.#held);
  }

  #say(progress: Progress): void {
    this.#held = null;
    this.#toldAt = this.now();
    this.tell(this.command, progressEvent(this.command, this.host, progress));
  }
}

function progressEvent(command: Command, host: string, { phase, bytes, totalBytes }: Progress): ProgressEvent {
  const { type, messageId, requestId } = command;
  const instanceId = instanceIdOf(command);
  return {
    command: type,
    messageId,
    requestId,
    host,
    ...(instanceId !== undefined && { instanceId }),
    phase,
    ...(bytes !== undefined && { bytes }),
    ...(totalBytes !== undefined && { totalBytes }),
    ...(bytes !== undefined && totalBytes !== undefined && totalBytes > 0 && { percent: percentOf(bytes, totalBytes) }),
    at: new Date().toISOString(),
  };
}

/** Whole percents; more than was announced is still all of it. */
function percentOf(bytes: number, totalBytes: number): number {
  return Math.min(100, Math.floor((100 * bytes) / totalBytes));
}
