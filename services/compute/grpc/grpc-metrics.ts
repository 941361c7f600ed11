import { Gauge, Histogram, type Registry } from 'prom-client';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export type GrpcMetrics = ReturnType<typeof createGrpcMetrics>;

/** What /metrics shows of this door. Methods are our own alone: strangers' names make no series. */
export function createGrpcMetrics(registry: Registry, undone: () => number) {
  const registers = [registry];
  return {
    callDuration: new Histogram({
      name: 'novalet_grpc_call_duration_seconds',
      help: 'Time from a gRPC call to its end; of a stream, how long it was open.',
      labelNames: ['method', 'code'],
      buckets: BUCKETS,
      registers,
    }),
    callsInFlight: new Gauge({
      name: 'novalet_grpc_calls_in_flight',
      help: 'gRPC calls that are open.',
      labelNames: ['method'],
      registers,
    }),
    connections: new Gauge({ name: 'novalet_grpc_connections', help: 'gRPC connections that are open.', registers }),
    operationsUndone: new Gauge({
      name: 'novalet_operations_undone',
      help: 'Operations that were accepted and are not at their end.',
      registers,
      collect() {
        this.set(undone());
      },
    }),
  };
}
