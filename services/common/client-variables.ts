/** What the command line takes from the environment. No settings of the worker, which refuses names that it does not know. */
export const CLIENT_VARIABLES = [
  'NOVALET_GRPC_ADDRESS',
  'NOVALET_GRPC_CLIENT_CA',
  'NOVALET_GRPC_CLIENT_CERT',
  'NOVALET_GRPC_CLIENT_KEY',
  'NOVALET_CLI_DEBUG',
] as const;
export type ClientVariable = (typeof CLIENT_VARIABLES)[number];
