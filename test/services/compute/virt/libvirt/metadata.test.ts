import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarks } from '../../../../../services/compute/virt/libvirt/metadata.js';

const hash = `v1:sha256:${'0'.repeat(64)}`;
const element = (inner: string, attributes = 'generation="3"') =>
  `<novalet:instance xmlns:novalet="urn:novalet:instance:1" ${attributes}>${inner}</novalet:instance>`;
const marks = `<novalet:specHash>${hash}</novalet:specHash><novalet:requestId>007</novalet:requestId>`;

test('our marks are read back whatever prefix libvirt gives them', () => {
  const expected = { specHash: hash, generation: 3, requestId: '007' };
  assert.deepEqual(readMarks(element(marks)), expected);
  assert.deepEqual(readMarks(element(marks).replaceAll('novalet:instance', 'ns1:instance').replaceAll('novalet:', 'ns1:')), expected);
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
  });
}
