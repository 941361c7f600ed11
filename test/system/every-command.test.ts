import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addClientCommands } from '../../services/cli/program.js';
import { withImageServer } from '../support/image-server.js';
import { runCli } from '../services/cli/support/run-cli.js';
import { hostUnderTest } from './host-under-test.js';

const MAC = '52:54:00:00:00:07';
/** There is no agent in a firmware. */
const NO_AGENT = 6;

/** Every command once, in an order in which each can be done: its exit code, its words, and what it says. The guest is a firmware. */
const STEPS: readonly (readonly [code: number, words: string, says: RegExp])[] = [
  [0, 'host show', /new instances/],
  [0, 'host prefetch IMAGE --format raw', /sha256|[0-9a-f]{64}/],
  [0, 'host foreign', /^UUID/],
  [0, 'instance create web --vcpus 1 --memory 64M --disk size=1M --interface kind=user', /running/],
  [0, 'instance list', / web /],
  [0, 'instance show web', /display name +web|web/],
  [0, 'instance watch', /  web$/m],
  [0, 'instance diagnostics web', /vcpu/i],
  [0, 'instance console-address web', /./],
  [0, 'instance console web', /^/],
  [0, 'instance set-metadata web a=b', /running/],
  [NO_AGENT, 'instance set-password web', /agent/],
  [NO_AGENT, 'instance quiesce web', /agent/],
  [NO_AGENT, 'instance unquiesce web', /agent/],
  [0, 'instance pause web', /paused/],
  [0, 'instance unpause web', /running/],
  [0, 'instance suspend web', /suspended/],
  [0, 'instance resume web', /running/],
  [0, 'instance reboot web --hard', /running/],
  [0, 'instance attach-disk web vdb --disk size=1M', /running/],
  [0, 'instance resize web --vcpus 2 --disk vdb=2M --mode cold --grace 1', /running/],
  [0, 'instance rescue web rescue.img --grace 1', /running/],
  [0, 'instance unrescue web --grace 1', /running/],
  [0, 'instance rebuild web rescue.img --grace 1', /running/],
  [0, 'instance snapshot web copy.qcow2 --device vdb', /copy\.qcow2/],
  [0, 'instance stop web --grace 0', /stopped/],
  [0, 'instance detach-disk web vdb --remove', /stopped/],
  [0, `instance attach-interface web --interface kind=user,mac=${MAC}`, /stopped/],
  [0, `instance detach-interface web ${MAC}`, /stopped/],
  [0, 'instance start web --no-wait', /^[0-9a-f-]{36}$/m],
  [0, 'operation wait OPERATION', /running/],
  [0, 'operation show OPERATION', /instance\.start/],
  [0, 'operation cancel OPERATION', /./],
  [0, 'operation list', /instance\.rebuild/],
  [0, 'instance events web', /instance\.rescue/],
  [0, 'host cordon --reason disk', /cordoned/],
  [0, 'host drain -q', /drained/],
  [0, 'host uncordon', /./],
  [0, 'instance delete web', /is gone/],
  [0, 'completion bash', /complete -F/],
];

/** Every command that does something: `instance create` … */
function everyCommand(): string[] {
  const program = new Command('novalet');
  const output = { write: () => true, isTTY: false } as never;
  addClientCommands(program, { stdin: output, stdout: output, stderr: output, env: {}, interrupted: new AbortController().signal });
  const leaves = (command: Command, path: string): string[] =>
    command.commands.length === 0 ? [path] : command.commands.flatMap((inner) => leaves(inner, `${path} ${inner.name()}`.trim()));
  return leaves(program, '').filter((path) => !path.startsWith('__'));
}

test('every command of the command line is done once by a real worker, and none is forgotten', async (t) => {
  const asked = STEPS.map(([, words]) =>
    words
      .split(' ')
      .slice(0, words.startsWith('completion') ? 1 : 2)
      .join(' '),
  );
  assert.deepEqual([...new Set(asked)].sort(), everyCommand().sort());

  const host = await hostUnderTest(t, null, 'qemu');
  const { supervisor } = host.libvirtd;
  const server = await withImageServer(t);
  const image = server.on('/image', (_request, response) => response.end(Buffer.alloc(1024 * 1024)));
  await supervisor.run('mkdir', ['-p', host.worker.imageDir]);
  await supervisor.run('truncate', ['-s', '1M', `${host.worker.imageDir}/rescue.img`]);
  host.worker.settings = { NOVALET_SNAPSHOT_DIR: host.worker.imageDir, NOVALET_IMAGE_HOSTS: server.host };
  await host.worker.start();
  let operation = '';
  for (const [code, words, says] of STEPS) {
    const line = words.replace('IMAGE', image).replace('OPERATION', operation).split(' ');
    const interrupt = new AbortController();
    const onOutput = (text: string): void => void (text.includes('web') && interrupt.abort());
    const more = line[1] === 'watch' ? { interrupted: interrupt.signal, onOutput } : { input: 'a password\n' };
    const ran = await runCli(line[0] === 'completion' ? line : [...line, '--address', host.worker.socket], more);
    assert.equal(ran.code, line[1] === 'watch' ? 130 : code, `${words}: ${ran.stderr}`);
    assert.match(`${ran.stdout}${ran.stderr}`, says, words);
    if (words.endsWith('--no-wait')) operation = ran.stdout.trim();
  }
  assert.deepEqual([(await host.domains()).all, await host.guestProcesses()], [[], 0]);
});
