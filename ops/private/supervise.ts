/**
 * The process that stands between private daemons and whoever started them. It runs under `tini -s`, so that everything the daemons
 * leave behind (QEMU, epmd) becomes tini's child and is reaped at once: libvirt's destroy waits until QEMU's pid is gone, and a zombie is
 * not gone. When its parent goes, however that happens, it kills them all and removes the run directory.
 *
 * It is given to Node on standard input, because an ordinary user may not be able to read the file: only Node's built-ins here.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Program, SuperviseNotice, SuperviseRequest } from './supervise-protocol.js';

const runDirectory = process.argv[2] ?? '';
const running = new Map<string, ChildProcess>();
let ending = false;
let outlive = false;

const tell = (notice: SuperviseNotice): void => {
  if (process.connected) process.send?.(notice, () => undefined); // a parent that is gone needs no answer
};

async function start(name: string, program: Program): Promise<number> {
  if (running.has(name)) throw new Error(`${name} runs already`);
  const log = openSync(join(runDirectory, `${name}.log`), 'a', 0o600);
  const child = spawn(program.command, program.args, { env: program.env, cwd: program.cwd ?? runDirectory, stdio: ['ignore', log, log] });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  running.set(name, child);
  child.on('exit', (code, signal) => {
    running.delete(name);
    tell({ exited: name, pid: child.pid ?? 0, code, signal });
  });
  return child.pid ?? 0;
}

function run({ command, args, env, cwd }: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, cwd: cwd ?? runDirectory, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`.trim()));
      else resolve(stdout);
    });
  });
}

/** Everything below `root` in the tree of processes, this one left out. */
function descendants(root: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold anything
      if (state === 'Z') continue; // dead, and about to be reaped
      childrenOf.set(Number(parent), [...(childrenOf.get(Number(parent)) ?? []), pid]);
    } catch {
      continue; // gone since the listing
    }
  }
  const found: number[] = [];
  const walk = (parent: number): void => {
    for (const child of childrenOf.get(parent) ?? []) {
      if (child === process.pid) walk(child);
      else {
        found.push(child);
        walk(child);
      }
    }
  };
  walk(root);
  return found;
}

/** Kills until nothing is left: a process may fork between the look and the blow. */
function end(): void {
  if (ending) return;
  ending = true;
  const round = (): void => {
    const left = descendants(process.ppid);
    if (left.length === 0) {
      rmSync(runDirectory, { recursive: true, force: true, maxRetries: 3 });
      process.exit(0);
    }
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        continue; // gone already
      }
    }
    setTimeout(round, 10);
  };
  round();
}

async function obey(request: SuperviseRequest): Promise<{ pid?: number; output?: string }> {
  switch (request.do) {
    case 'start':
      return { pid: await start(request.name, request.program) };
    case 'signal':
      running.get(request.name)?.kill(request.signal);
      return {};
    case 'write':
      mkdirSync(dirname(request.path), { recursive: true, mode: 0o700 });
      writeFileSync(request.path, request.content, { mode: request.mode });
      return {};
    case 'run':
      return { output: await run(request.program) };
    case 'outlive':
      outlive = true;
      return {};
    case 'end':
      end();
      return {};
  }
}

process.on('message', (request: SuperviseRequest) => {
  obey(request).then(
    (answer) => tell({ answers: request.id, ...answer }),
    (error: unknown) => tell({ answers: request.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => {
  if (!outlive) end();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
setInterval(() => undefined, 2 ** 30); // stays, also without a parent
if (!process.connected) end();
