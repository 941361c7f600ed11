import { create } from '@bufbuild/protobuf';
import type { Health } from '../../common/proto/generated/grpc/health/v1/health_pb.js';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthCheckResponseSchema,
} from '../../common/proto/generated/grpc/health/v1/health_pb.js';
import { ComputeError } from '../../common/errors.js';
import { OK, type Readiness } from '../monitoring/readiness.js';
import type { Handlers } from './calls.js';

/** Between two looks of a watch. */
const WATCH_MS = 2000;

/** The standard health service: whether the worker can take commands, as /readyz says it. */
export function healthHandlers(ready: () => Promise<Readiness>, services: readonly string[]): Handlers<typeof Health> {
  const known = new Set(['', ...services]);
  const look = async (): Promise<Serving> =>
    Object.values(await ready()).every((word) => word === OK) ? Serving.SERVING : Serving.NOT_SERVING;
  return {
    async check({ service }) {
      if (!known.has(service)) throw new ComputeError('not-found', 'there is no such service', { field: 'service' });
      return create(HealthCheckResponseSchema, { status: await look() });
    },
    async watch({ service }, call) {
      let told: Serving | undefined;
      while (!call.signal.aborted) {
        const status = known.has(service) ? await look() : Serving.SERVICE_UNKNOWN;
        if (status !== told) call.write(create(HealthCheckResponseSchema, { status: (told = status) }));
        await pause(WATCH_MS, call.signal);
      }
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}
