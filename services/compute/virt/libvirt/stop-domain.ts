import { ComputeError } from '../../../common/errors.js';
import { delay, timeLeft } from './deadline.js';
import {
  type Domain,
  VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
  VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
  VIR_DOMAIN_UNDEFINE_NVRAM,
  VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
  VIR_DOMAIN_UNDEFINE_TPM,
} from './libvirt-calls.js';
import {
  libvirtCode,
  VIR_ERR_ARGUMENT_UNSUPPORTED,
  VIR_ERR_CONFIG_UNSUPPORTED,
  VIR_ERR_INVALID_ARG,
  VIR_ERR_NO_DOMAIN,
  VIR_ERR_NO_SUPPORT,
  VIR_ERR_OPERATION_INVALID,
  VIR_ERR_OPERATION_TIMEOUT,
  VIR_ERR_OPERATION_UNSUPPORTED,
  VIR_ERR_RESOURCE_BUSY,
  VIR_ERR_SYSTEM_ERROR,
} from './libvirt-failure.js';
import type { Link } from './link.js';

const RETRIES = 3;
const FIRST_BACK_OFF_MS = 250;
/** libvirt could not end the process yet (SYSTEM_ERROR), or another job holds the domain. */
const MAY_PASS: readonly (number | undefined)[] = [VIR_ERR_SYSTEM_ERROR, VIR_ERR_OPERATION_TIMEOUT, VIR_ERR_RESOURCE_BUSY];
const GONE_OR_OFF: readonly (number | undefined)[] = [VIR_ERR_NO_DOMAIN, VIR_ERR_OPERATION_INVALID];
const TOO_MUCH_ASKED: readonly (number | undefined)[] = [
  VIR_ERR_NO_SUPPORT,
  VIR_ERR_INVALID_ARG,
  VIR_ERR_CONFIG_UNSUPPORTED,
  VIR_ERR_ARGUMENT_UNSUPPORTED,
  VIR_ERR_OPERATION_UNSUPPORTED,
];

/** From everything that can hang on a definition down to the definition alone: a driver refuses flags that it does not know. */
const LADDER = [
  VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
  VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
  VIR_DOMAIN_UNDEFINE_NVRAM,
  VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
  VIR_DOMAIN_UNDEFINE_TPM,
].reduce<number[]>((rungs, flag) => [(rungs[0] ?? 0) | flag, ...rungs], [0]);

/**
 * Pulls the plug and returns when the guest is off: true when it ran; fine when it was off or gone.
 * @throws busy when libvirt could not end it after several tries
 */
export async function stopDomain(link: Link, domain: Domain, id: string, deadline: number): Promise<boolean> {
  for (let retry = 0; ; retry++) {
    try {
      await link.call('virDomainDestroyFlags', `stop ${id}`, () => domain.destroyFlags(0), deadline);
      return true;
    } catch (error) {
      if (GONE_OR_OFF.includes(libvirtCode(error))) return false;
      if (!MAY_PASS.includes(libvirtCode(error)) || !(error instanceof ComputeError) || error.kind === 'unavailable') throw error;
      if (retry === RETRIES)
        throw new ComputeError('busy', `${error.message} (tried ${RETRIES + 1} times)`, error.details, { cause: error });
      await delay(Math.min(FIRST_BACK_OFF_MS * 2 ** retry, timeLeft(deadline, `stop ${id}`)));
    }
  }
}

/** Takes the definition away with whatever hangs on it: true when it was there; fine when it was gone. */
export async function undefineDomain(link: Link, domain: Domain, id: string, deadline: number): Promise<boolean> {
  for (const flags of LADDER) {
    try {
      await link.call('virDomainUndefineFlags', `undefine ${id}`, () => domain.undefineFlags(flags), deadline);
      return true;
    } catch (error) {
      if (libvirtCode(error) === VIR_ERR_NO_DOMAIN) return false;
      if (flags === 0 || !TOO_MUCH_ASKED.includes(libvirtCode(error))) throw error;
    }
  }
  throw new Error('unreachable: the last rung returns or throws');
}
