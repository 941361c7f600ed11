import { create } from '@bufbuild/protobuf';
import type { FieldMask } from '@bufbuild/protobuf/wkt';
import { Operations as OperationsService } from '../../common/proto/generated/google/longrunning/operations_pb.js';
import { HostService } from '../../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { InstanceService } from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { InstanceRegister } from '../instances/register.js';
import type { Log } from '../log.js';
import type { Readiness } from '../monitoring/readiness.js';
import type { Cordon, Driver } from '../ports.js';
import type { RecordedInstances } from '../revisions/recorded-instances.js';
import { createGrpcMetrics } from './grpc-metrics.js';
import { hostHandlers } from './host-handlers.js';
import { HostReport } from './host-report.js';
import { HostWatches } from './host-watches.js';
import { instanceFilter } from './instance-filter.js';
import { viewInstance } from './instance-view.js';
import { instanceReads } from './instance-reads.js';
import { instanceChanges } from './instance-service.js';
import type { GrpcAddress } from './listen-address.js';
import type { TlsFiles } from './listener.js';
import { operationHandlers } from './operations/operations-service.js';
import type { CommandTaker, Operations } from './operations/operations.js';
import { prefetchHandler } from './prefetch-image.js';
import { operationName } from './names.js';
import { masked } from './read-mask.js';
import { GrpcServer, served } from './server.js';
import { watchHandlers } from './watch-handlers.js';
import { InstanceSchema } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import type { WatchView } from './watch-instances.js';
import type { Registry } from 'prom-client';

export interface GrpcOptions {
  readonly host: string;
  readonly listen: readonly GrpcAddress[];
  readonly tls?: TlsFiles | undefined;
  readonly operations: Operations;
  readonly tasks: CommandTaker;
  readonly driver: Driver;
  readonly register: InstanceRegister;
  readonly recorded: RecordedInstances;
  readonly startedAt: Date;
  readonly cordon: Cordon;
  readonly ready: () => Promise<Readiness>;
  readonly registry: Registry;
  /** As GrpcServerOptions has it. */
  readonly maxConnections?: number;
  readonly log: Log;
}

/** The host's API, with a file for each of its services. @throws ComputeError precondition when an address cannot be listened on */
export function openGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const { host, operations, driver, register, cordon, tasks, registry, recorded, ready: readiness, startedAt } = options;
  const { revisions, history, recorder, watches } = recorded;
  const report = new HostReport({ host, driver, cordon, readiness, register, commandsInFlight: () => recorder.inFlight, startedAt });
  const metrics = createGrpcMetrics(registry, () => operations.store.undone);
  return GrpcServer.start({ ...options, metrics }, [
    served(InstanceService, {
      ...instanceChanges({ host, operations, driver, cordon, isBusy: (id) => tasks.isBusy(id) }),
      ...instanceReads({ host, driver, revisions, view: viewInstance(host, revisions), ready: recorder.ready }),
      ...watchHandlers({
        host,
        driver,
        register,
        watches,
        history,
        ready: recorder.ready,
        isKnown: (id) => revisions.get(id) !== null,
        operationOf: (messageId) => (operations.store.get(messageId) ? operationName(messageId) : null),
        viewOf,
      }),
    }),
    served(HostService, {
      ...prefetchHandler(operations, host),
      ...hostHandlers({
        host,
        driver,
        cordon,
        report,
        watches: new HostWatches(report),
        run: (type, body, requestId) => operations.run(type, body, requestId),
        inFlight: recorder,
      }),
    }),
    served(OperationsService, operationHandlers(operations, host)),
  ]);
}

function viewOf(filter: string, readMask: FieldMask | undefined): WatchView | null {
  if (filter === '' && !readMask) return null;
  const fits = instanceFilter(filter);
  masked(InstanceSchema, create(InstanceSchema), readMask); // a field that there is not is said at once
  return { fits, masked: (instance) => masked(InstanceSchema, instance, readMask) };
}
