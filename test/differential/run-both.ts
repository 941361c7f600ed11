import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@novalet/libvirt';
import { differences } from './compare.js';
import { runHere } from './node-side.js';
import type { Order, PythonSide } from './python-side.js';
import { call, type Outcome, type Scenario, type Step, type Wait } from './step.js';

const AUTH = `<node><auth><user password="123456">berrange</user><user password="87539319">srinivasa</user></auth></node>`;

/** A directory that the daemon's user may use, with the files that scenarios expect; new for each side. */
async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = join(tmpdir(), 'novalet-differential');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await chmod(directory, 0o777);
  await mkdir(join(directory, 'pool'));
  await chmod(join(directory, 'pool'), 0o777);
  await writeFile(join(directory, 'auth.xml'), AUTH);
  await writeFile(join(directory, 'disk.raw'), Buffer.alloc(1 << 20, 'disk'));
  await chmod(join(directory, 'disk.raw'), 0o666);
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Left behind on the test driver, which forgets all when its last connection closes; a daemon does so a moment later. */
const LAST = call('conn.defineXML', ['<domain type="test"><name>last</name><memory>1024</memory><os><type>hvm</type></os></domain>']);

/** Waits until the driver has forgotten the side that was there before. */
async function forgotten(uri: string): Promise<void> {
  for (;;) {
    await using conn = await open(uri);
    if ((await conn.listAllDomains()).every((domain) => domain.name() !== 'last')) return;
  }
}

/** Runs a scenario on both sides; every difference that is not deliberate, and every deliberate one that is none, one line each. */
export async function runBoth(python: PythonSide, scenario: Scenario, uri: string): Promise<{ calls: number; problems: string[] }> {
  const opening = call('libvirt.open', [scenario.uri ?? '$URI'], { as: 'conn' });
  const leavesTraces = uri.startsWith('test+') && !scenario.steps.some((step) => 'call' in step && step.call === 'conn.close');
  const steps = [opening, ...scenario.steps, ...(leavesTraces ? [LAST] : [])];
  const on = async (run: (order: Order) => Promise<Outcome[]>): Promise<Outcome[]> =>
    withDirectory(async (directory) => {
      if (leavesTraces) await forgotten(uri);
      return run({ uri, directory, steps });
    });
  const there = await on((order) => python.run(order));
  const here = await on(runHere);
  return { calls: steps.filter((step) => 'call' in step).length, problems: steps.flatMap((step, i) => judge(i, step, there[i], here[i])) };
}

const text = (value: unknown): string => JSON.stringify(value) ?? '';

function sorted(outcome: Outcome): Outcome {
  if (!('value' in outcome) || !Array.isArray(outcome.value)) return outcome;
  return { value: outcome.value.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)) };
}

function judge(i: number, step: Step | Wait, there: Outcome | undefined, here: Outcome | undefined): string[] {
  const name =
    'wait' in step ? `calls of "${step.wait}"` : `${step.call}(${(step.args ?? []).map((one) => JSON.stringify(one)).join(', ')})`;
  assert.ok(there !== undefined && here !== undefined, `${name} has no outcome`);
  const sort = 'unordered' in step && step.unordered === true ? sorted : (outcome: Outcome) => outcome;
  const found = differences(sort(there), sort(here), step.volatile);
  if (step.differs === undefined) return found.map((one) => `${i} ${name}: ${one}`);
  return found.length > 0 ? [] : [`${i} ${name}: "${step.differs}" is said to differ, and does not`];
}
