import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { EXIT_CODE } from '../../../services/cli/exit-codes.js';
import { ERROR_KINDS } from '../../../services/common/errors.js';
import { ErrorInfoSchema } from '../../../services/common/proto/generated/google/rpc/error_details_pb.js';
import { detail, Refusal, withFakeWorker } from './support/fake-worker.js';
import { ID } from './support/operations.js';
import { runCli } from './support/run-cli.js';

test('every kind of error has an exit code of its own, and the manual has them all', async () => {
  assert.equal(new Set(Object.values(EXIT_CODE)).size, ERROR_KINDS.length);
  const manual = await readFile(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
  for (const [kind, code] of Object.entries(EXIT_CODE)) assert.match(manual, new RegExp(`\\| ${code} +\\| \`${kind}\` `), kind);
});

test('the kind that the worker names decides, by the reason in its details', async (t) => {
  for (const kind of ERROR_KINDS) {
    const info = create(ErrorInfoSchema, { reason: kind.toUpperCase().replaceAll('-', '_'), domain: 'novalet.compute' });
    const worker = await withFakeWorker(t, {
      getInstance: () => {
        throw new Refusal(status.UNKNOWN, 'no', [detail(ErrorInfoSchema, info)]);
      },
    });
    assert.equal((await runCli(['instance', 'show', ID, '--address', worker.socket])).code, EXIT_CODE[kind], kind);
  }
});

test('where no worker is, that is said at once, with what to look at', async () => {
  const { code, stderr } = await runCli(['instance', 'start', ID, '--address', '/nowhere/compute.sock']);
  assert.equal(code, EXIT_CODE.unavailable);
  assert.match(stderr, /no worker listens at \/nowhere\/compute\.sock\n.*\n? *→ Is it running/);
});

test('a worker that does not answer costs no more than the time that was given', async (t) => {
  const worker = await withFakeWorker(t, { getInstance: () => new Promise(() => undefined) });
  const { code } = await runCli(['instance', 'show', ID, '--timeout', '0.1', '--address', worker.socket]);
  assert.equal(code, EXIT_CODE.timeout);
});

test('a worker cannot play with the terminal by what it says', async (t) => {
  const worker = await withFakeWorker(t, {
    getInstance: () => {
      throw new Refusal(status.NOT_FOUND, 'no\x1b[2J\nsuch', [
        detail(ErrorInfoSchema, create(ErrorInfoSchema, { reason: 'NOT_FOUND', metadata: { 'a\x1b': '\x9bb' } })),
      ]);
    },
  });
  const { stderr } = await runCli(['instance', 'show', ID, '--address', worker.socket], { terminal: true });

  assert.doesNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test('a command line that is wrong says what is wanted, and asks nobody', async (t) => {
  const worker = await withFakeWorker(t, {});
  const wrong: readonly (readonly [RegExp, ...string[]])[] = [
    [/unknown command 'stpo'[\s\S]*Did you mean stop/, 'instance', 'stpo'],
    [/missing required argument 'instance'/, 'instance', 'stop'],
    [/--grace.*Wanted: a whole number from 0 to 1200/, 'instance', 'stop', ID, '--grace', 'soon'],
    [/Wanted: NAME=VALUE.*image, sha256/, 'instance', 'create', 'a', '--disk', '20G'],
    [/usb is none of virtio, scsi, sata/, 'instance', 'create', 'a', '--disk', 'size=1G,bus=usb'],
    [/which size\?/, 'instance', 'resize', ID],
    [/Wanted: a size such as 512M/, 'instance', 'resize', ID, '--disk', 'vda=foo'],
    [/--format.*foo is none of qcow2, raw/, 'instance', 'rebuild', ID, 'a.img', '--format', 'foo'],
    [/--format.*foo is none of qcow2, raw/, 'instance', 'rescue', ID, 'a.img', '--format', 'foo'],
    [/Wanted: KEY=VALUE/, 'instance', 'set-metadata', ID, 'nokey'],
    [/--ca is for TLS/, 'instance', 'list', '--ca', 'ca.pem'],
    [/Allowed choices are table, json/, 'instance', 'list', '-o', 'yaml'],
  ];
  for (const [words, ...line] of wrong) {
    const { code, stderr } = await runCli([...line, '--address', worker.socket]);
    assert.equal(code, EXIT_CODE.invalid, line.join(' '));
    assert.match(stderr, words);
  }
  assert.equal(worker.requests.length, 0);
});
