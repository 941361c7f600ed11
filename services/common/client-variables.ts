/** What the command line takes from the environment. No settings of the worker, which refuses names that it does not know. */
export const CLIENT_VARIABLES = [
  'NOVALET_GRPC_ADDRESS',
  'NOVALET_CLI_CA',
  'NOVALET_CLI_CERT',
  'NOVALET_CLI_KEY',
  'NOVALET_CLI_DEBUG',
] as const;
export type ClientVariable = (typeof CLIENT_VARIABLES)[number];
