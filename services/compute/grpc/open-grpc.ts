import { Operations as OperationsService } from '../../common/proto/generated/google/longrunning/operations_pb.js';
import { HostService } from '../../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { InstanceService } from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { InstanceRegister } from '../instances/register.js';
import type { Log } from '../log.js';
import type { Readiness } from '../monitoring/readiness.js';
import type { Cordon, Driver } from '../ports.js';
import { createGrpcMetrics } from './grpc-metrics.js';
import { instanceReads } from './instance-reads.js';
import { instanceChanges } from './instance-service.js';
import type { GrpcAddress } from './listen-address.js';
import type { TlsFiles } from './listener.js';
import { operationHandlers } from './operations/operations-service.js';
import type { CommandTaker, Operations } from './operations/operations.js';
import { prefetchHandler } from './prefetch-image.js';
import { GrpcServer, served } from './server.js';
import type { Registry } from 'prom-client';

export interface GrpcOptions {
  readonly host: string;
  readonly listen: readonly GrpcAddress[];
  readonly tls?: TlsFiles | undefined;
  readonly operations: Operations;
  readonly tasks: CommandTaker;
  readonly driver: Driver;
  readonly register: InstanceRegister;
  readonly cordon: Cordon;
  readonly ready: () => Promise<Readiness>;
  readonly registry: Registry;
  readonly log: Log;
}

/** The host's API, with a file for each of its services. @throws ComputeError precondition when an address cannot be listened on */
export function openGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const { host, operations, driver, register, cordon, tasks, registry } = options;
  const metrics = createGrpcMetrics(registry, () => operations.store.undone);
  return GrpcServer.start({ ...options, metrics }, [
    served(InstanceService, {
      ...instanceChanges({ host, operations, driver, cordon, isBusy: (id) => tasks.isBusy(id) }),
      ...instanceReads({ host, driver, register }),
    }),
    served(HostService, prefetchHandler(operations, host)),
    served(OperationsService, operationHandlers(operations, host)),
  ]);
}
