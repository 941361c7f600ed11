import type { ParameterTypes, ParameterValue } from '../typed-parameters.js';

/** The threads of a server that do its clients' calls. */
export interface ThreadPoolParameters {
  /** Fewest threads: VIR_THREADPOOL_WORKERS_MIN */
  minWorkers?: number;
  /** Most threads: VIR_THREADPOOL_WORKERS_MAX */
  maxWorkers?: number;
  /** Threads for calls that must not wait: VIR_THREADPOOL_WORKERS_PRIORITY */
  prioWorkers?: number;
  /** Threads that there are; read only: VIR_THREADPOOL_WORKERS_CURRENT */
  nWorkers?: number;
  /** Threads with nothing to do; read only: VIR_THREADPOOL_WORKERS_FREE */
  freeWorkers?: number;
  /** Calls that wait for a thread; read only: VIR_THREADPOOL_JOB_QUEUE_DEPTH */
  jobQueueDepth?: number;
  [name: string]: ParameterValue | undefined;
}

/** How many clients a server takes. */
export interface ClientLimits {
  /** Most clients: VIR_SERVER_CLIENTS_MAX */
  nclients_max?: number;
  /** Most clients that have not said who they are: VIR_SERVER_CLIENTS_UNAUTH_MAX */
  nclients_unauth_max?: number;
  /** Clients that there are; read only: VIR_SERVER_CLIENTS_CURRENT */
  nclients?: number;
  /** Clients that have not said who they are; read only: VIR_SERVER_CLIENTS_UNAUTH_CURRENT */
  nclients_unauth?: number;
  [name: string]: ParameterValue | undefined;
}

/** Who a client is; what there is depends on its transport. */
export interface ClientInfo {
  /** VIR_CLIENT_INFO_READONLY */
  readonly?: boolean;
  /** VIR_CLIENT_INFO_SOCKET_ADDR */
  sock_addr?: string;
  /** VIR_CLIENT_INFO_SASL_USER_NAME */
  sasl_user_name?: string;
  /** VIR_CLIENT_INFO_X509_DISTINGUISHED_NAME */
  tls_x509_dname?: string;
  /** VIR_CLIENT_INFO_UNIX_USER_ID */
  unix_user_id?: number;
  /** VIR_CLIENT_INFO_UNIX_USER_NAME */
  unix_user_name?: string;
  /** VIR_CLIENT_INFO_UNIX_GROUP_ID */
  unix_group_id?: number;
  /** VIR_CLIENT_INFO_UNIX_GROUP_NAME */
  unix_group_name?: string;
  /** VIR_CLIENT_INFO_UNIX_PROCESS_ID */
  unix_process_id?: number;
  /** VIR_CLIENT_INFO_SELINUX_CONTEXT */
  selinux_context?: string;
  [name: string]: ParameterValue | undefined;
}

export const THREAD_POOL_PARAMETERS: ParameterTypes = {
  minWorkers: 'uint',
  maxWorkers: 'uint',
  prioWorkers: 'uint',
  nWorkers: 'uint',
  freeWorkers: 'uint',
  jobQueueDepth: 'uint',
};

export const CLIENT_LIMITS: ParameterTypes = {
  nclients_max: 'uint',
  nclients_unauth_max: 'uint',
  nclients: 'uint',
  nclients_unauth: 'uint',
};
