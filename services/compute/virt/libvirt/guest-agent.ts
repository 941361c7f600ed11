import { ComputeError } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { mustAct, type PowerRule } from '../../power-table.js';
import type { PasswordRequest } from '../../ports.js';
import type { Changing } from './changing.js';
import type { Domain } from './libvirt-calls.js';
import {
  libvirtCode,
  VIR_ERR_AGENT_UNRESPONSIVE,
  VIR_ERR_ARGUMENT_UNSUPPORTED,
  VIR_ERR_CONFIG_UNSUPPORTED,
  VIR_ERR_NO_SUPPORT,
} from './libvirt-failure.js';

/** An agent that is there answers in milliseconds; a freeze waits for what is being written. Without a limit libvirt waits for ever. */
const ANSWER_SECONDS = 30;

export function setAdminPassword(changing: Changing, { user, password }: PasswordRequest): Promise<InstanceState> {
  return byAgent(changing, 'setAdminPassword', 'password', 'virDomainSetUserPassword', (domain) =>
    domain.setUserPassword(user, password, 0),
  );
}

/** The guest's file systems write everything down, and stand still until the thaw. */
export function quiesce(changing: Changing): Promise<InstanceState> {
  return byAgent(changing, 'quiesce', 'quiesce', 'virDomainFSFreeze', (domain) => domain.fsFreeze(null, 0).catch(fineWhenFrozen));
}

export function unquiesce(changing: Changing): Promise<InstanceState> {
  return byAgent(changing, 'unquiesce', 'unquiesce', 'virDomainFSThaw', (domain) => domain.fsThaw(null, 0));
}

/** Does something while the guest's file systems are at rest, and thaws them whatever comes of it. */
export async function atRest<T>(changing: Changing, domain: Domain, what: string, run: () => Promise<T>): Promise<T> {
  const { deadline, tools } = changing;
  try {
    await limitAnswers(changing, domain, what);
    await tools.link.call('virDomainFSFreeze', what, () => domain.fsFreeze(null, 0).catch(fineWhenFrozen), deadline);
  } catch (error) {
    await thaw(changing, domain, what); // an answer that came too late may have been a yes
    throw withoutAgent(what, error);
  }
  try {
    return await run();
  } finally {
    await thaw(changing, domain, what);
  }
}

/** Whatever the deadline: nobody else will. */
async function thaw({ tools }: Changing, domain: Domain, what: string): Promise<void> {
  await tools.link.call('virDomainFSThaw', what, () => domain.fsThaw(null, 0)).catch(() => {});
}

function byAgent(
  changing: Changing,
  name: PowerRule,
  step: 'password' | 'quiesce' | 'unquiesce',
  fn: string,
  run: (domain: Domain) => Promise<unknown>,
): Promise<InstanceState> {
  const { id, deadline, tools } = changing;
  const what = `${name} ${id}`;
  return changing.run({
    name,
    mustAct: ({ own }) => mustAct(name, own.powerState, what),
    act: ({ own: { domain } }) =>
      changing.step(step, async () => {
        try {
          await limitAnswers(changing, domain, what);
          await tools.link.call(fn, what, () => run(domain), deadline);
        } catch (error) {
          throw withoutAgent(what, error);
        }
      }),
  });
}

async function limitAnswers({ deadline, tools }: Changing, domain: Domain, what: string): Promise<void> {
  const seconds = Math.max(1, Math.min(ANSWER_SECONDS, Math.floor((deadline - Date.now()) / 1000)));
  const limit = tools.link.call('virDomainAgentSetResponseTimeout', what, () => domain.agentSetResponseTimeout(seconds, 0), deadline);
  await limit.catch((error: unknown) => {
    if (libvirtCode(error) !== VIR_ERR_NO_SUPPORT) throw error; // a hypervisor that has no limit for it, and perhaps no agent
  });
}

/** An agent that is not there now will not be there for a repetition: somebody has to see to it first. */
function withoutAgent(what: string, error: unknown): unknown {
  const code = libvirtCode(error);
  const words =
    code === VIR_ERR_AGENT_UNRESPONSIVE
      ? 'the agent in the guest does not answer; install and start qemu-guest-agent there, or wait until it has booted'
      : code === VIR_ERR_ARGUMENT_UNSUPPORTED || code === VIR_ERR_CONFIG_UNSUPPORTED
        ? 'the instance was made without a way to an agent in the guest, or its agent cannot do this (devices.agent)'
        : null;
  if (words === null || !(error instanceof ComputeError)) return error;
  return new ComputeError('precondition', `${what}: ${words}`, error.details, { cause: error });
}

/** The agent refuses everything but a thaw while it is frozen; a freeze that was cut off is no failure. */
function fineWhenFrozen(error: unknown): number {
  if (error instanceof Error && /frozen|already quiesced/i.test(error.message)) return 0;
  throw error;
}
