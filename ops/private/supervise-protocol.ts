/** What supervisor.ts asks of supervise.ts, over Node's IPC channel. */
export type SuperviseRequest = { readonly id: number } & SuperviseOrder;

export type SuperviseOrder =
  | { readonly do: 'start'; readonly name: string; readonly program: Program }
  | { readonly do: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'write'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly do: 'run'; readonly program: Program }
  /** Live on when the parent goes, until SIGTERM. */
  | { readonly do: 'outlive' }
  | { readonly do: 'end' };

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the run directory. */
  readonly cwd?: string;
}

export type SuperviseNotice =
  | { readonly answers: number; readonly pid?: number; readonly output?: string }
  | { readonly answers: number; readonly error: string }
  | { readonly exited: string; readonly pid: number; readonly code: number | null; readonly signal: NodeJS.Signals | null };
