import type { CommandOf, CommandType } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import { CHANGES, type ChangeType, snapshot } from './change.js';
import { destroy } from './destroy.js';
import { drain, refuseNewWhileDrained, undrain } from './drain.js';
import type { CommandContext, LaneContext } from './lane-context.js';
import { console, consoleAddress, diagnostics, get } from './look.js';
import { prefetch } from './prefetch.js';
import { previewSpawn, spawn } from './spawn.js';

/** The part of the answer that only the handler knows. */
export type Done = Pick<
  CommandResult,
  'instance' | 'plan' | 'destroyed' | 'record' | 'console' | 'snapshot' | 'consoleAddress' | 'diagnostics' | 'drain' | 'image'
>;

type Handler<T extends CommandType> = (command: CommandOf<T>, context: CommandContext) => Promise<Done>;

/** Who does what; a command without a handler does not compile. Every handler may be run twice without harm. */
const HANDLERS: { readonly [T in CommandType]: Handler<T> } = {
  'instance.spawn': async (command, context) => {
    const { cordon, queue } = context;
    const refuseNew = (id: string): void => refuseNewWhileDrained(id, cordon);
    const more = queue === 'control' ? { ...context, refuseNew } : context;
    return command.body.dryRun ? { plan: await previewSpawn(command, more) } : { instance: await spawn(command, more) };
  },
  'instance.destroy': async (command, context) => ({ destroyed: await destroy(command, context) }),
  'instance.start': change,
  'instance.stop': change,
  'instance.reboot': change,
  'instance.pause': change,
  'instance.unpause': change,
  'instance.suspend': change,
  'instance.resume': change,
  'instance.setMetadata': change,
  'instance.resize': change,
  'instance.rebuild': change,
  'instance.rescue': change,
  'instance.unrescue': change,
  'instance.setAdminPassword': change,
  'instance.snapshot': snapshot,
  'instance.quiesce': change,
  'instance.unquiesce': change,
  'instance.attachDisk': change,
  'instance.detachDisk': change,
  'instance.attachInterface': change,
  'instance.detachInterface': change,
  'instance.get': get,
  'instance.console': async (command, context) => ({ console: await console(command, context) }),
  'instance.consoleAddress': async (command, context) => ({ consoleAddress: await consoleAddress(command, context) }),
  'instance.diagnostics': async (command, context) => ({ diagnostics: await diagnostics(command, context) }),
  'host.drain': (command, { cordon }) => Promise.resolve({ drain: drain(command, cordon) }),
  'host.undrain': (command, { cordon }) => Promise.resolve({ drain: undrain(command, cordon) }),
  'image.prefetch': async (command, context) => ({ image: await prefetch(command, context) }),
};

async function change<T extends ChangeType>(command: CommandOf<T>, context: LaneContext): Promise<Done> {
  return { instance: await CHANGES[command.type](command, context) };
}

/** Does what the command says. */
export function handle<T extends CommandType>(command: CommandOf<T>, context: CommandContext): Promise<Done> {
  return HANDLERS[command.type](command, context);
}
