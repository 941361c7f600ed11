import { follow } from './follow.js';
import type { Narrator } from './narrator.js';

/** Shows what a program writes to its log as it comes, until the function that it gives is called. */
export function showLog(narrator: Narrator, who: string, logFile: string, wording = (line: string): string => line): () => void {
  const end = new AbortController();
  const show = async (): Promise<void> => {
    for await (const line of follow(logFile, end.signal)) if (line.trim() !== '') narrator.quote(who, wording(line));
  };
  show().catch((error: unknown) => narrator.say(`${logFile} cannot be read: ${String(error)}`));
  return () => end.abort();
}
