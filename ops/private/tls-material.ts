import type { Supervisor } from './supervisor.js';

/** PEM files of a certificate authority of our own, a server for localhost and 127.0.0.1, and one client. */
export interface TlsMaterial {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const EXTENSIONS = `basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
`;

/** Made by openssl under `<run directory>/tls`, good for a day. */
export async function makeTlsMaterial(supervisor: Supervisor): Promise<TlsMaterial> {
  const at = (file: string): string => supervisor.path('tls', file);
  const openssl = (...args: string[]): Promise<string> => supervisor.run('openssl', args);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  await supervisor.write(at('extensions'), EXTENSIONS);
  await openssl(
    ...['req', '-x509', '-days', '1', ...newKey, '-subj', '/CN=novalet private CA', '-keyout', at('ca-key.pem'), '-out', at('ca.pem')],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );
  for (const name of ['server', 'client']) {
    await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', at(`${name}-key.pem`), '-out', at(`${name}.csr`));
    await openssl(
      ...['x509', '-req', '-days', '1', '-in', at(`${name}.csr`), '-extfile', at('extensions'), '-out', at(`${name}.pem`)],
      ...['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial'],
    );
  }
  return {
    ca: at('ca.pem'),
    serverCert: at('server.pem'),
    serverKey: at('server-key.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client-key.pem'),
  };
}
