/** How a client is connected: virAdmClient.transport(). */
export const VIR_CLIENT_TRANS_UNIX = 0;
export const VIR_CLIENT_TRANS_TCP = 1;
export const VIR_CLIENT_TRANS_TLS = 2;
export type virClientTransport = typeof VIR_CLIENT_TRANS_UNIX | typeof VIR_CLIENT_TRANS_TCP | typeof VIR_CLIENT_TRANS_TLS;

/** Names in virAdmClient.info(). */
export const VIR_CLIENT_INFO_READONLY = 'readonly';
export const VIR_CLIENT_INFO_SOCKET_ADDR = 'sock_addr';
export const VIR_CLIENT_INFO_SASL_USER_NAME = 'sasl_user_name';
export const VIR_CLIENT_INFO_X509_DISTINGUISHED_NAME = 'tls_x509_dname';
export const VIR_CLIENT_INFO_UNIX_USER_ID = 'unix_user_id';
export const VIR_CLIENT_INFO_UNIX_USER_NAME = 'unix_user_name';
export const VIR_CLIENT_INFO_UNIX_GROUP_ID = 'unix_group_id';
export const VIR_CLIENT_INFO_UNIX_GROUP_NAME = 'unix_group_name';
export const VIR_CLIENT_INFO_UNIX_PROCESS_ID = 'unix_process_id';
export const VIR_CLIENT_INFO_SELINUX_CONTEXT = 'selinux_context';

/** Names in virAdmServer.clientLimits(). */
export const VIR_SERVER_CLIENTS_MAX = 'nclients_max';
export const VIR_SERVER_CLIENTS_CURRENT = 'nclients';
export const VIR_SERVER_CLIENTS_UNAUTH_MAX = 'nclients_unauth_max';
export const VIR_SERVER_CLIENTS_UNAUTH_CURRENT = 'nclients_unauth';

/** Names in virAdmServer.threadPoolParameters(). */
export const VIR_THREADPOOL_WORKERS_MIN = 'minWorkers';
export const VIR_THREADPOOL_WORKERS_MAX = 'maxWorkers';
export const VIR_THREADPOOL_WORKERS_PRIORITY = 'prioWorkers';
export const VIR_THREADPOOL_WORKERS_FREE = 'freeWorkers';
export const VIR_THREADPOOL_WORKERS_CURRENT = 'nWorkers';
export const VIR_THREADPOOL_JOB_QUEUE_DEPTH = 'jobQueueDepth';
