import type { Options } from 'amqplib';

export const CORRUPTIONS = [
  'torn JSON',
  'not UTF-8',
  'unknown type',
  'no version',
  'no message id',
  'another content type',
  'a key too many',
  'too large',
] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

const BODY = { instance: { id: '00000000-0000-4000-8000-000000000000' } };
const LARGE = 1024 * 1024 + 1;

/** A message that is no command, in one of many ways. */
export function corrupted(how: Corruption, messageId: string): { content: Buffer; properties: Options.Publish } {
  const json = JSON.stringify(BODY);
  const good: Options.Publish = { type: 'instance.start', messageId, headers: { version: 1 }, contentType: 'application/json' };
  const message = (content: string | Buffer, properties: Options.Publish = good) => ({ content: Buffer.from(content), properties });
  switch (how) {
    case 'torn JSON':
      return message(json.slice(0, -5));
    case 'not UTF-8':
      return message(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    case 'unknown type':
      return message(json, { ...good, type: 'instance.bless' });
    case 'no version':
      return message(json, { ...good, headers: {} });
    case 'no message id': {
      const { messageId: _none, ...rest } = good;
      return message(json, rest);
    }
    case 'another content type':
      return message(json, { ...good, contentType: 'text/plain' });
    case 'a key too many':
      return message(JSON.stringify({ ...BODY, colour: 'blue' }));
    case 'too large':
      return message(Buffer.alloc(LARGE, 0x20));
  }
}
