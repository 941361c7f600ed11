import type { Ground } from './ground.js';
import type { SeenDomain } from './domains.js';
import { EXCUSES, type Struck } from './faults.js';
import type { Instance } from './model.js';
import { explain } from './orders.js';
import { EXTRA_DEVICE, EXTRA_FILE, EXTRA_MAC, type PlannedInstance } from './plan.js';
import { describe, type Post } from './post.js';
import { verdictOf, type Sent } from './sent.js';

/** A fault is felt for a while after its end. */
const AFTERMATH_MS = 2000;

/** What the answers and the host say about each instance, against the model. Gives what is wrong, in words. */
export async function checkInstances(
  ground: Ground,
  post: Post,
  instances: readonly PlannedInstance[],
  struck: readonly Struck[],
): Promise<string[]> {
  const [domains, files, processes] = [await ground.domains.list(), await ground.files(), await ground.processes()];
  const snapshots = await ground.snapshots();
  const wrongs: string[] = [];
  for (const { id, files: wanted } of instances) {
    const sent = post.sent.filter(({ wish }) => wish.id === id);
    const blows = struck
      .filter((one) => one.name === 'qemu killed' && one.id === id)
      .map(({ from }) => ({ what: 'qemu killed' as const, at: from }));
    const seen = domains.filter((domain) => domain.id === id);
    if (seen.length > 1) wrongs.push(`${id} has ${seen.length} domains`);
    const own = files.filter((file) => file.startsWith(`${id}/`)).map((file) => file.slice(id.length + 1));
    const found = {
      domain: seen[0],
      files: own.filter((file) => !mayBeLeft(file, sent)),
      firstDiskMiB: await ground.firstDiskMiB(id),
      snapshots,
    };
    const isSo = (end: Instance): boolean => stands(end, seen[0]) && isWhole(end, found, wanted);
    const mayHaveLeft = namedAsLeft(sent);
    const { ends, longest, undecided } = explain(sent, {
      enough: (end) => isSo(end) || (mayHaveLeft && end.there === null),
      excused: (one) =>
        new Set([
          ...excusesFor(one, struck),
          ...(mayBeCalledOff(one, sent) ? ['cancelled'] : []),
          ...(mayBeDrained(one, post.sent) ? ['drained'] : []),
        ]),
      cutOff: duringIts(ground.worker.ends),
      comesAgain: duringIts([...ground.worker.ends, ...struck.filter(({ name }) => /^(line|broker) /.test(name)).map(({ from }) => from)]),
      blows,
    });
    if (ends.length === 0) {
      wrongs.push(inNoOrder(id, sent, longest, undecided));
      continue;
    }
    if (mayHaveLeft && ends.some(({ there }) => there === null)) continue; // its answer says so, and a destroy takes it away
    if (!ends.some((end) => stands(end, seen[0]))) wrongs.push(`${id} is ${seen[0]?.power ?? 'not there'}, not ${endsInWords(ends)}`);
    else if (!ends.some(isSo))
      wrongs.push(
        `${id} has ${JSON.stringify(found)} and not ${JSON.stringify(ends.map(({ there, snapshots: made }) => ({ ...there, made })))} and ${wanted.join(', ')}`,
      );
    if (seen.length === 0 && own.length > 0 && !destroyWasCutShort(sent))
      wrongs.push(`${id} is not there, and left the files ${own.join(', ')}`);
    const guests = processes.filter(({ guest }) => guest === id).length;
    const runs = ground.driver === 'qemu' && ['running', 'paused'].includes(seen[0]?.power ?? '') ? 1 : 0;
    if (guests !== runs) wrongs.push(`${id} has ${guests} QEMU processes, not ${runs}`);
  }
  return wrongs;
}

const duringIts =
  (moments: readonly number[]) =>
  ({ sentAt, answeredAt }: Sent): boolean =>
    moments.some((at) => sentAt <= at && at <= answeredAt);

/** Nothing of ours may be left when everything was destroyed. */
export async function checkEmpty(ground: Ground): Promise<string[]> {
  const { foreignId } = ground.domains;
  const domains = (await ground.domains.list()).filter(({ id }) => id !== foreignId);
  const [files, processes] = [await ground.files(), await ground.processes()];
  const touched = await ground.domains.foreignTouched();
  return [
    ...domains.map(({ name, power }) => `the domain ${name} (${power}) is left`),
    ...files.map((file) => `the file instances/${file} is left`),
    ...processes.map(({ pid, guest }) => `the process ${pid} (${guest}) is left`),
    ...(touched === null ? [] : [touched]),
  ];
}

/** Only what nobody understands is kept for a person: a guest that ended as soon as it had started, because somebody killed it. */
export function checkDeadLetters(post: Post, struck: readonly Struck[]): string[] {
  return post.sent
    .filter(({ correlationId }) => post.keptForAPerson.has(correlationId))
    .filter((one) => one.result?.error?.kind !== 'internal' || !excusesFor(one, struck).has('internal'))
    .map((one) => `a command lies on the dead-letter queue: ${describe(one)}`);
}

/** No command about somebody else's guest may succeed. */
export function checkForeign(post: Post, foreignId: string, struck: readonly Struck[]): string[] {
  return post.sent
    .filter(({ wish }) => wish.id === foreignId)
    .filter(
      (one) =>
        one.result &&
        !['failed conflict', 'failed cancelled'].includes(verdictOf(one.result)) &&
        !excusesFor(one, struck).has(one.result.error?.kind ?? ''),
    )
    .map((one) => `${describe(one)}, about a guest of others, is answered with ${one.result ? verdictOf(one.result) : 'nothing'}`);
}

function excusesFor(one: Sent, struck: readonly Struck[]): ReadonlySet<string> {
  const felt = struck.filter(
    ({ from, to, id }) => (id === undefined || id === one.wish.id) && one.sentAt <= to + AFTERMATH_MS && from <= one.answeredAt,
  );
  return new Set([...(one.hasty ? ['timeout'] : []), ...felt.flatMap(({ name }) => EXCUSES[name] ?? [])]);
}

/** By a destroy that came while it waited or ran. */
const mayBeCalledOff = (one: Sent, sent: readonly Sent[]): boolean =>
  one.wish.type !== 'instance.destroy' &&
  sent.some(({ wish, sentAt, answeredAt }) => wish.type === 'instance.destroy' && sentAt <= one.answeredAt && one.sentAt <= answeredAt);

const stands = ({ there }: Instance, seen: SeenDomain | undefined): boolean => (there?.power ?? null) === (seen?.power ?? null);

interface Found {
  readonly domain: SeenDomain | undefined;
  readonly files: readonly string[];
  readonly firstDiskMiB: number | null;
  readonly snapshots: readonly string[];
}

/** Sizes, devices, files and snapshots are those of the model. */
function isWhole({ there, snapshots }: Instance, found: Found, files: readonly string[]): boolean {
  if (!snapshots.every((name) => found.snapshots.includes(name))) return false;
  const { domain } = found;
  if (!there || !domain) return !there && !domain;
  const own = files.filter((file) => file.startsWith('disk-')).length;
  const extra = there.extraDisk === 'attached' ? 1 : 0;
  const rescued = there.rescued === null ? 0 : 1;
  const wanted = [...files, ...(there.extraDisk === 'none' ? [] : [EXTRA_FILE]), ...(rescued ? RESCUE_FILES : [])].sort();
  return (
    JSON.stringify(found.files) === JSON.stringify(wanted) &&
    domain.vcpus === there.vcpus &&
    found.firstDiskMiB === there.firstDiskMiB &&
    domain.disks.filter((device) => device.startsWith('vd')).length === own + extra + rescued &&
    (rescued === 1 || domain.disks.includes(EXTRA_DEVICE) === (extra === 1)) &&
    domain.macs.includes(EXTRA_MAC) === there.nic
  );
}

const RESCUE_FILES = ['before-rescue.xml', 'disk-rescue.qcow2'];

/** New disks of a rebuild that failed when they were whole wait for the next one. */
const mayBeLeft = (file: string, sent: readonly Sent[]): boolean =>
  file.startsWith('new-') && sent.some(({ wish, result }) => wish.type === 'instance.rebuild' && result?.error !== undefined);

/** Only snapshots that somebody wanted, whole or not finished. */
export async function checkSnapshots(ground: Ground, post: Post): Promise<string[]> {
  const wanted = post.sent.flatMap(({ wish: { file, id } }) => (file === undefined ? [] : [file, `${file}.${id}.part`]));
  const strange = (await ground.snapshots()).filter((name) => !wanted.includes(name));
  return strange.map((name) => `nobody asked for the snapshot ${name}`);
}

const isAboutTheHost = ({ wish: { type } }: Sent): boolean => !type.startsWith('instance.');

/** What is about no instance succeeds, unless a fault excuses it. */
export function checkHost(post: Post, struck: readonly Struck[]): string[] {
  return post.sent
    .filter((one) => isAboutTheHost(one) && one.result?.error && !excusesFor(one, struck).has(one.result.error.kind))
    .map((one) => `${describe(one)} is answered with ${answerOf(one)}`);
}

/** A drained host takes nothing new by its other queue either. */
const mayBeDrained = (one: Sent, sent: readonly Sent[]): boolean => {
  const drain = sent.find(({ wish }) => wish.type === 'host.drain');
  const undrain = sent.find(({ wish }) => wish.type === 'host.undrain');
  return drain !== undefined && undrain !== undefined && one.sentAt <= undrain.answeredAt && drain.sentAt <= one.answeredAt;
};

const endsInWords = (ends: readonly Instance[]): string => [...new Set(ends.map(({ there }) => there?.power ?? 'gone'))].join(' or ');

/** Its answer says that it did not come to its end; the next destroy takes the rest away. */
const destroyWasCutShort = (sent: readonly Sent[]): boolean =>
  sent.some(({ wish, result }) => wish.type === 'instance.destroy' && result?.error !== undefined);

const namedAsLeft = (sent: readonly Sent[]): boolean => sent.some(({ result }) => (result?.error?.leftovers?.length ?? 0) > 0);

function inNoOrder(id: string, sent: readonly Sent[], longest: readonly Sent[], undecided: boolean): string {
  const said = (one: Sent) => `    ${describe(one)} [${Math.round(one.sentAt)}–${Math.round(one.answeredAt)} ms] ${answerOf(one)}`;
  const rest = sent.filter((one) => !longest.includes(one));
  return [
    `${undecided ? 'after a long search ' : ''}no order of the commands for ${id} explains their answers; as far as it goes:`,
    ...longest.map(said),
    '  and then not:',
    ...rest.map(said),
  ].join('\n');
}

function answerOf({ result }: Sent): string {
  if (!result) return 'no answer';
  const { error, record, instance } = result;
  const seen = record ? ` ${JSON.stringify({ is: instance?.powerState, wants: record.desiredPowerState, ...record.metadata })}` : '';
  return `${verdictOf(result)}${error ? `: ${error.message}` : ''}${seen}`;
}
