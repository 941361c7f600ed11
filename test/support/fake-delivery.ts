import { randomUUID } from 'node:crypto';
import type { Delivery, DeliveryProperties } from '../../services/compute/delivery.js';

/** A delivery from nowhere that keeps what became of it. */
export interface FakeDelivery extends Delivery {
  readonly fate: () => 'in hand' | 'acked' | 'given back';
}

export function fakeDelivery(
  type: unknown,
  body: unknown,
  more: Partial<Omit<Delivery, 'properties'>> & { properties?: DeliveryProperties } = {},
): FakeDelivery {
  let fate: ReturnType<FakeDelivery['fate']> = 'in hand';
  const { properties, ...rest } = more;
  return {
    content: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    queue: 'work',
    exchange: 'novalet.commands',
    routingKey: 'compute.host-1.work',
    redelivered: false,
    deliveryCount: 0,
    ack: () => ((fate = 'acked'), true),
    giveBack: () => void (fate = 'given back'),
    ...rest,
    properties: { type, messageId: randomUUID(), contentType: 'application/json', headers: { version: 1 }, ...properties },
    fate: () => fate,
  };
}
