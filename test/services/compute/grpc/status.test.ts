import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { ComputeError } from '../../../../services/common/errors.js';
import { protoPath } from '../../../../services/compute/grpc/field-path.js';
import { REASONS, serviceError, statusOf } from '../../../../services/compute/grpc/status.js';
import { detailsOf, statusIn } from '../../../support/api-client.js';

test('every kind of error is in the documentation as it is in the table', () => {
  const page = readFileSync(new URL('../../../../../docs/grpc.md', import.meta.url), 'utf8');
  for (const [kind, code, reason] of REASONS) assert.match(page, new RegExp(`^\\| ${kind} +\\| ${code} +\\| ${reason} +\\|`, 'm'), kind);
});

test('what is known of a failure is in its details', () => {
  const failure = new ComputeError('internal', 'define x: no', {
    step: 'define',
    libvirt: { code: 1, domain: 10, function: 'virDomainDefineXML' },
  });
  const { info } = detailsOf(statusIn(serviceError(failure)));
  assert.deepEqual(info?.metadata, {
    kind: 'internal',
    step: 'define',
    libvirt_code: '1',
    libvirt_domain: '10',
    libvirt_function: 'virDomainDefineXML',
  });
  const busy = statusOf({ kind: 'busy', message: 'busy' });
  assert.deepEqual([busy.code, detailsOf(busy).retry?.retryDelay?.seconds], [status.ABORTED, 5n]);
});

test('a failure of any length fits into a trailer', () => {
  const leftovers = Array.from({ length: 500 }, (_, index) => `/a/long/path/of/a/file/${index}`);
  const { metadata, details } = serviceError(new ComputeError('internal', 'x'.repeat(100_000), { leftovers }));
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  assert.ok(Buffer.byteLength(bytes ?? '') + (details?.length ?? 0) < 6000);
});

test('a field of a command is named as the API has it', () => {
  assert.equal(protoPath('instance.disks[0].sizeMiB'), 'instance.spec.disks[0].size_mib');
  assert.equal(protoPath('instance.disks[1].image.url'), 'instance.spec.disks[1].remote_image.url');
  assert.equal(protoPath('instance.name'), 'instance.display_name');
  assert.equal(
    protoPath('instance.interfaces[0].bandwidth.inbound.averageKiBPerSecond'),
    'instance.spec.interfaces[0].bandwidth.inbound.average_kib_per_second',
  );
  assert.equal(protoPath('instance.id'), 'instance_id');
  assert.equal(protoPath('grace'), 'grace_period');
});
