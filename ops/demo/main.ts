/** The demo: from a message on the queue to a guest that speaks, and back to nothing. Ends with 0 only when all of it was seen. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildGuest } from '../guest/build-guest.js';
import { Supervisor } from '../private/supervisor.js';
import { chooseAccelerator } from './accelerator.js';
import { Conversation } from './conversation.js';
import { destroyGuest } from './destroy-guest.js';
import { endKept, keptDemo, noteKept } from './kept.js';
import { Narrator } from './narrator.js';
import { HOST, startEventLog, startPrivateHost, startWorker } from './private-host.js';
import { showCommandLine } from './show-command-line.js';
import { showHowToTalk } from './show-how-to-talk.js';
import { showLastWords } from './show-last-words.js';
import { showLog } from './show-log.js';
import { showMetrics } from './show-metrics.js';
import { spawnGuest } from './spawn-guest.js';
import { workerWords } from './worker-words.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const narrator = new Narrator();

async function demo(keep: boolean): Promise<void> {
  if (keep && (await keptDemo(root))) throw new Error('a demo is left running already; end it with: npm run demo -- --stop');
  const supervisor = await Supervisor.start();
  let left = false;
  try {
    narrator.step('A broker and a hypervisor of our own');
    const guest = await buildGuest(root);
    const accelerator = await chooseAccelerator(guest);
    narrator.say(`guests run by ${accelerator.why}`);
    const host = await startPrivateHost(guest, supervisor);
    narrator.say(`RabbitMQ on port ${host.rabbitmq.address.amqpPort}, libvirtd on ${host.libvirtd.socket}, as uid ${supervisor.user.uid}`);

    const libvirtEvents = await startEventLog(host);

    narrator.step('The worker: novalet compute');
    const worker = await startWorker(host, accelerator, root);
    const endLogs = [showLog(narrator, 'worker', worker.process.logFile, workerWords), showLog(narrator, 'libvirt', libvirtEvents.logFile)];
    narrator.seen(`the worker is ready: it consumes novalet.compute.${HOST}.work, and libvirt answers`);

    const endWatch = worker.novalet.follow(['instance', 'watch', '--quiet'], (line) => narrator.quote('instance watch', line));
    const conversation = await Conversation.open(host.vhost.url, HOST, (routingKey, words) =>
      narrator.say(`event ${routingKey}: ${words}`),
    );
    try {
      const instanceId = await spawnGuest({ narrator, host, guest, conversation });
      await showCommandLine(narrator, worker.novalet, instanceId);
      await showMetrics(narrator, worker);
      if (keep) {
        await noteKept(root, { pid: supervisor.pid, directory: supervisor.directory });
        await supervisor.outlive();
        left = true;
        showHowToTalk(narrator, host, worker, instanceId);
        return;
      }
      await destroyGuest({ narrator, host, worker, conversation, instanceId });
    } finally {
      await endWatch();
      await conversation.close();
      for (const end of endLogs) end();
    }
  } catch (error) {
    await showLastWords(narrator, supervisor);
    throw error;
  } finally {
    if (!left) await supervisor.end();
  }
  if (existsSync(supervisor.directory)) throw new Error(`${supervisor.directory} is left`);
  narrator.seen('the private daemons and their directory are gone');
  narrator.sum();
}

async function stop(): Promise<void> {
  const kept = await keptDemo(root);
  if (!kept) return console.log('No demo is left running.');
  await endKept(root, kept);
  console.log(`The demo is ended, and ${kept.directory} is gone.`);
}

const USAGE = `npm run demo            a guest from a message, on private daemons; everything goes with it
npm run demo -- --keep  the same, and what was started stays
npm run demo -- --stop  ends what stayed
`;

/** Null: it said what there is. */
function wishes(): { keep: boolean; stop: boolean } | null {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ options: { keep: flag, stop: flag, help: { ...flag, short: 'h' } } });
    if (!values.help) return values;
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 2;
  }
  return null;
}

const wanted = wishes();
try {
  if (wanted) await (wanted.stop ? stop() : demo(wanted.keep));
} catch (error) {
  narrator.failed(error);
  process.exitCode = 1;
}
