import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openAuth, VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE, VIR_ERR_AUTH_FAILED, type Credential } from '@novalet/libvirt';

const NODE = `<node>
  <auth><user password="sesame">ali</user></auth>
  <cpu><mhz>1000</mhz><model>i686</model><active>1</active><nodes>1</nodes><sockets>1</sockets><cores>1</cores><threads>1</threads></cpu>
  <memory>1048576</memory>
</node>`;
const TYPES = [VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE];
let directory: string;
let uri: string;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'open-auth-'));
  await writeFile(path.join(directory, 'node.xml'), NODE);
  uri = `test://${directory}/node.xml`;
});
after(() => rm(directory, { recursive: true }));

/** Gives the credentials in the manner of libvirt-python: the answer in the last place. */
const answer =
  (name: string, password: string) =>
  (credentials: Credential[]): number => {
    for (const credential of credentials) credential[4] = credential[0] === VIR_CRED_AUTHNAME ? name : password;
    return 0;
  };

test('the right credentials open, given at once or by a promise', async () => {
  await using first = await openAuth(uri, [TYPES, answer('ali', 'sesame'), undefined]);
  assert.ok(await first.getHostname());
  const later = async (credentials: Credential[], opaque: string): Promise<number> => {
    await new Promise(setImmediate);
    return answer('ali', opaque)(credentials);
  };
  await using second = await openAuth(uri, [TYPES, later, 'sesame']);
  assert.ok(await second.getHostname());
});

test('wrong credentials, none, and a callback that gives up are refused by libvirt', async () => {
  const refused = { name: 'libvirtError', code: VIR_ERR_AUTH_FAILED };
  await assert.rejects(openAuth(uri, [TYPES, answer('ali', 'wrong'), undefined]), refused);
  await assert.rejects(openAuth(uri, [TYPES, () => -1, undefined]), refused);
  await assert.rejects(openAuth(uri, [TYPES, null, undefined]), { name: 'libvirtError', message: /Missing authentication callback/ });
});

test('what the callback throws is what openAuth rejects with', async () => {
  const failing = (): number => {
    throw new Error('no password at hand');
  };
  await assert.rejects(openAuth(uri, [TYPES, failing, undefined]), new Error('no password at hand'));
});

test('an auth of another shape is refused', async () => {
  await assert.rejects(openAuth(uri, null as never), TypeError);
  await assert.rejects(openAuth(uri, [['x'], null, undefined] as never), TypeError);
});

test('a callback that spoils its list, or gives what is no answer, is what openAuth rejects with', async () => {
  type Spoil = (credentials: [unknown[], ...unknown[]]) => void;
  const cases: [Spoil, RegExp][] = [
    [(list) => (list[0] = null as never), /credentials\[0\] must stay an array of 5/],
    [(list) => (list.length = 0 as never), /must leave the list of credentials its [12] entr/],
    [(list) => (list[0][4] = { toString: () => assert.fail('asked') }), /credentials\[0\]\[4\] must be a string or null, not an object/],
    [(list) => (list[0][4] = 'a\0b'), /credentials\[0\]\[4\] must be a string without NUL characters/],
    [(list) => (list[0][4] = '\ud800'), /credentials\[0\]\[4\] must be a string without lone surrogates/],
  ];
  for (const [spoil, message] of cases) {
    const callback = (list: Credential[]): number => {
      answer('ali', 'sesame')(list);
      spoil(list as unknown as [unknown[]]);
      return 0;
    };
    await assert.rejects(openAuth(uri, [TYPES, callback, undefined]), { name: 'TypeError', message });
  }
});
