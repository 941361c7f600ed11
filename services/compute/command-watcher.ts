import type { Command } from '../common/messages/commands.js';
import type { CommandResult } from '../common/messages/results.js';

/** Hears of every command that is handled; must be quick and never throw. Copies that are answered from memory are not handled. */
export interface CommandWatcher {
  /** It has its lane. */
  began(command: Command): void;
  /** Null: it goes back, and somebody is given it again. */
  ended(command: Command, result: CommandResult | null): void;
}
