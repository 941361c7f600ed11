import { header, type Files } from './emit-common.js';
import { DETAIL_KINDS, EVENTS, type EventClass, type EventRow } from './events.js';
import type { Plan } from './plan.js';

/**
 * `events.inc`, a C macro call an event: `EVENT(Domain, 2, long long)`; and `events.ts`, what callbacks are told, by class and event.
 * @throws Error naming an event of the lists that generator/events.ts does not have
 */
export function emitEvents(plan: Plan, files: Files): void {
  refuseUnknown(plan);
  files.set('events.inc', header(plan.version) + EVENTS.flatMap((group) => group.events.map((row) => cxxRow(group, row))).join(''));
  files.set('events.ts', header(plan.version) + IMPORTS + EVENTS.map(typesOf).join('\n'));
}

const IMPORTS =
  `import type { EventParameters, GraphicsAddress, GraphicsSubject } from '../lib/event-details.js';\n` +
  `import type { Int64 } from '../lib/int64.js';\n\n`;

function cxxRow({ tag }: EventClass, { id, details }: EventRow): string {
  return `EVENT(${[tag, id, ...details.map(([, kind]) => DETAIL_KINDS[kind].cxx)].join(', ')})\n`;
}

function typesOf({ tag, events }: EventClass): string {
  const rows = events.map(({ id, name, what, details }) => {
    const tuple = details.map(([detail, kind]) => `${detail}: ${DETAIL_KINDS[kind].ts}`).join(', ');
    return `  /** ${name}: ${what} */\n  ${id}: [${tuple}];\n`;
  });
  return `/** What a callback is told between the object and opaque, by the event's number. */\nexport interface ${tag}EventDetails {\n${rows.join('')}}\n`;
}

/** A callback with a signature that nobody wrote down would read what is not there. */
function refuseUnknown(plan: Plan): void {
  for (const { enumType, events } of EVENTS) {
    const known = new Map(events.map((row) => [row.name, row.id]));
    for (const constant of plan.constants) {
      if (constant.enumType !== enumType || constant.row.by === 'nobody') continue;
      if (known.get(constant.row.name) === constant.value) continue;
      throw new Error(
        `${constant.row.name} (${constant.value}) is an event that generator/events.ts does not have: add what its callback is told`,
      );
    }
  }
}
