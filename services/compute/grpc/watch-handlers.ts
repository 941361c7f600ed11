import type { FieldMask } from '@bufbuild/protobuf/wkt';
import type { InstanceService } from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { Handlers } from './calls.js';
import { followConsole, type FollowConsoleOptions } from './follow-console.js';
import { type InstanceEventsOptions, listInstanceEvents } from './instance-events.js';
import { checkProject, instanceIdOf } from './names.js';
import { InstanceWatching, type WatchInstancesOptions, type WatchView } from './watch-instances.js';

export interface WatchHandlersOptions extends WatchInstancesOptions, InstanceEventsOptions, FollowConsoleOptions {
  /** What a filter and a mask leave of an instance; null: all of all. @throws ComputeError invalid */
  readonly viewOf: (filter: string, readMask: FieldMask | undefined) => WatchView | null;
}

/** How long looking for a console may take; following it takes as long as it takes. */
const LOOK_MS = 10_000;

/** The part of the instances' service that goes on by itself, and what was. */
export function watchHandlers(
  options: WatchHandlersOptions,
): Required<Pick<Handlers<typeof InstanceService>, 'watchInstances' | 'listInstanceEvents' | 'getConsoleOutput'>> {
  const watching = new InstanceWatching(options);
  return {
    async watchInstances(request, call) {
      checkProject(request.parent, 'parent', true);
      await watching.watch(request, call, options.viewOf(request.filter, request.readMask));
    },
    async listInstanceEvents(request) {
      return Promise.resolve(listInstanceEvents(request, options));
    },
    async getConsoleOutput(request, call) {
      await followConsole(request, instanceIdOf(request.name), call, Date.now() + LOOK_MS, options);
    },
  };
}
