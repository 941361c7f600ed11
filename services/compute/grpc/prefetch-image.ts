import { RemoteImageSchema } from '../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import type { HostService } from '../../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { ComputeError } from '../../common/errors.js';
import type { Handlers } from './calls.js';
import { deadlineOf, words } from './instance-changes.js';
import { checkCommand, checkRequestId } from './instance-service.js';
import { checkHost, hostName } from './names.js';
import { operationMessage } from './operations/operation-message.js';
import type { Operations, Wish } from './operations/operations.js';

/** Fetching an image ahead of time: an operation about no instance. */
export function prefetchHandler(operations: Operations, host: string): Pick<Handlers<typeof HostService>, 'prefetchImage'> {
  return {
    async prefetchImage({ name, image, requestId, validateOnly, deadline }) {
      await Promise.resolve();
      checkHost(name, host);
      if (!image) throw new ComputeError('invalid', 'the image is missing', { field: 'image' });
      const wish: Wish = {
        type: 'image.prefetch',
        body: { image: words(RemoteImageSchema, image, 'image') },
        target: hostName(host),
        requestId: checkRequestId(requestId),
        also: { validateOnly },
        deadline: deadlineOf(deadline),
      };
      checkCommand(wish);
      const operation = validateOnly
        ? operations.acceptEnded(wish, {
            command: wish.type,
            messageId: '',
            requestId: wish.requestId,
            host,
            outcome: 'done',
            finishedAt: new Date().toISOString(),
          })
        : operations.accept(wish);
      return operationMessage(operation, host, operations.progressOf(operation.id));
    },
  };
}
