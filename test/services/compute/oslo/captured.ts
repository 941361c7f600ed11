import { readFileSync } from 'node:fs';
import { onWire } from '../../../support/oslo-client.js';

/** A message of oslo.messaging 14.0.3, as it was on the wire. */
export interface Captured {
  readonly routingKey: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly message: Readonly<Record<string, unknown>> & { readonly args: Readonly<Record<string, unknown>> };
}

const all = JSON.parse(
  readFileSync(new URL('../../../../../test/services/compute/oslo/captured.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Captured>>;

export function captured(name: string): Captured {
  const found = all[name];
  if (!found) throw new Error(`nothing of the name ${name} was captured`);
  return found;
}

/** In its envelope, as it was published. */
export function onTheWire(name: string, more: object = {}): Buffer {
  return onWire({ ...captured(name).message, ...more });
}
