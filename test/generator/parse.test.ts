import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseApiList } from '../../generator/parse.js';
import { goldenLists } from './support/golden-lists.js';

test('a function comes with its arguments, types and texts as the list has them', () => {
  const shutdown = goldenLists()[0]?.functions.find((fn) => fn.name === 'virDomainShutdownFlags');
  assert.equal(shutdown?.since, '0.9.10');
  assert.deepEqual(shutdown.returns, { type: 'int', info: '0 in case of success and -1 in case of failure.' });
  assert.deepEqual(
    shutdown.args.map((arg) => `${arg.type} ${arg.name}`),
    ['virDomainPtr domain', 'unsigned int flags'],
  );
  assert.match(shutdown.info, /^Ask the guest to power off, as its <channel>/);
});

test('an older list without releases is read too', () => {
  const xmlDesc = goldenLists()[0]?.functions.find((fn) => fn.name === 'virDomainGetXMLDesc');
  assert.equal(xmlDesc?.since, null);
});

test('the release is that of the list', () => {
  assert.deepEqual(
    goldenLists().map((list) => list.version),
    ['1.2.3', null, null],
  );
});

test('macros that are no strings are no constants', () => {
  assert.deepEqual(
    goldenLists()[0]?.stringMacros.map((macro) => macro.string),
    ['weight', `it's "odd"\\`],
  );
});

test('what is not an API list is refused with its name', () => {
  assert.throws(() => parseApiList('libvirt', '<api><symbols></api>', 'a.xml'), /a\.xml is not well-formed XML/);
  assert.throws(() => parseApiList('libvirt', '<html/>', 'a.xml'), /a\.xml is not a libvirt API list/);
  const nameless = "<api><symbols><function file='f'><return type='int'/></function></symbols></api>";
  assert.throws(() => parseApiList('libvirt', nameless, 'a.xml'), /a\.xml: an element lacks its "name"/);
  const endless = "<api><symbols><function name='virFoo' file='f'/></symbols></api>";
  assert.throws(() => parseApiList('libvirt', endless, 'a.xml'), /a\.xml: function virFoo has no <return>/);
});
