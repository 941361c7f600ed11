import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGeneration, readMarks, withMetadata } from '../../../../../services/compute/virt/libvirt/metadata.js';

const hash = `v1:sha256:${'0'.repeat(64)}`;
const element = (inner: string, attributes = 'generation="3"') =>
  `<novalet:instance xmlns:novalet="urn:novalet:instance:1" ${attributes}>${inner}</novalet:instance>`;
const marks = `<novalet:specHash>${hash}</novalet:specHash><novalet:requestId>007</novalet:requestId>`;

test('our marks are read back whatever prefix libvirt gives them', () => {
  const expected = { specHash: hash, generation: 3, requestId: '007', metadata: {} };
  assert.deepEqual(readMarks(element(marks)), expected);
  const prefixed = element(marks).replaceAll('novalet:instance', 'ns1:instance').replaceAll('novalet:', 'ns1:');
  assert.deepEqual(readMarks(prefixed), expected);
  assert.deepEqual([readGeneration(element(marks)), readGeneration(prefixed)], [3, 3]);
});

for (const [what, xml] of [
  ['nothing', ''],
  ['no XML', 'hello <'],
  ['another element', '<other/>'],
  ['no hash', element('')],
  ['a hash of another kind', element(marks.replace('v1:sha256', 'v9:md5'))],
  ['no generation', element(marks, '')],
  ['a generation that is none', element(marks, 'generation="x"')],
] as const) {
  test(`${what} is not taken for our marks`, () => {
    assert.equal(readMarks(xml), null);
    assert.equal(readGeneration(xml), null);
  });
}

test('other metadata takes the place of the old, and everything else stays as it was', () => {
  const others = `${marks}<novalet:spec>{&quot;a&quot;:&quot;&lt;&amp;&quot;}</novalet:spec><novalet:later x="1"><y/></novalet:later>`;
  const written = withMetadata(element(`\n  ${others}\n  <novalet:entry key="old">x</novalet:entry>\n`), { b: ' <2>&#233; ', a: '' });
  const entries = '<entry key="a"/><entry key="b"> &lt;2&gt;&amp;#233; </entry>';
  const expected = `<instance generation="3">${others.replaceAll('novalet:', '')}${entries}</instance>`;
  assert.equal(written.replace(/\s*\n\s*/g, ''), expected);
  assert.deepEqual(readMarks(written), { specHash: hash, generation: 3, requestId: '007', metadata: { a: '', b: ' <2>&#233; ' } });
});

test('characters that libvirt wrote as references are read as characters', () => {
  const found = readMarks(element(`${marks}<novalet:entry key="k">&#xE9;&#129414;&amp;#233;</novalet:entry>`));
  assert.deepEqual(found?.metadata, { k: 'é🦆&#233;' });
});
