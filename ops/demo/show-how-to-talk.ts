import { join } from 'node:path';
import type { Narrator } from './narrator.js';
import { HOST, type PrivateHost, type RunningWorker } from './private-host.js';

/** For a demo that is left running: where its parts are. */
export function showHowToTalk(narrator: Narrator, host: PrivateHost, worker: RunningWorker, instanceId: string): void {
  const { rabbitmq, libvirtd, vhost, stateDirectory } = host;
  const { managementPort, user, password } = rabbitmq.address;
  narrator.step('It runs on. How to talk to it:');
  const rows = {
    libvirt: `virsh -c '${libvirtd.qemuUri}' list --all --title`,
    'the guest': `virsh -c '${libvirtd.qemuUri}' dumpxml ${instanceId}`,
    'its console': `tail -f ${join(stateDirectory, 'instances', instanceId, 'console.log')}`,
    'command line': `NOVALET_GRPC_ADDRESS=${worker.novalet.socket} npx novalet instance list   (docs/cli.md)`,
    broker: `${vhost.url}   (exchange novalet.commands, routing key compute.${HOST}.work; docs/messages.md)`,
    management: `http://127.0.0.1:${managementPort}/   (user ${user}, password ${password})`,
    metrics: `curl ${worker.monitoring}/metrics   (also /healthz, /readyz)`,
    'worker log': `tail -f ${worker.process.logFile}`,
    'to end it': 'npm run demo -- --stop',
  };
  for (const [what, how] of Object.entries(rows)) console.log(`  ${what.padEnd(12)} ${how}`);
}
