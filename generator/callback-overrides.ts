/** Who serves each callback type of C. A type that is not here is "by hand, not yet". */

interface CallbackRow {
  readonly by: 'hand' | 'nobody';
  readonly where: string | null;
  readonly why: string;
}

const EVENT: CallbackRow = {
  by: 'hand',
  where: 'bindings/src/overrides/events.cc',
  why: 'what it is told is in generator/events.ts, and reaches JavaScript’s callbacks',
};
const EVENT_LOOP: CallbackRow = { by: 'nobody', where: null, why: 'part of virEventRegisterImpl, which nobody offers' };
const STREAM_LOOP: CallbackRow = {
  by: 'nobody',
  where: null,
  why: 'part of a loop over a stream, which JavaScript runs itself with handlers of its own',
};

const CALLBACKS: Readonly<Record<string, CallbackRow>> = {
  virConnectAuthCallbackPtr: {
    by: 'hand',
    where: 'bindings/src/overrides/open_auth.cc',
    why: 'the credentials of openAuth',
  },
  virConnectCloseFunc: { by: 'hand', where: 'bindings/src/overrides/close_callback.cc', why: 'the callback of registerCloseCallback' },
  virErrorFunc: { by: 'hand', where: 'bindings/src/overrides/error_handler.cc', why: 'the handler of registerErrorHandler' },
  virEventHandleCallback: { by: 'hand', where: 'bindings/src/overrides/event_handles.cc', why: 'the callback of virEventAddHandle' },
  virEventTimeoutCallback: { by: 'hand', where: 'bindings/src/overrides/event_handles.cc', why: 'the callback of virEventAddTimeout' },
  virStreamEventCallback: { by: 'hand', where: 'bindings/src/overrides/streams.cc', why: 'the callback of eventAddCallback' },
  virFreeCallback: { by: 'nobody', where: null, why: 'the runtime frees what it registered' },
  virEventAddHandleFunc: EVENT_LOOP,
  virEventAddTimeoutFunc: EVENT_LOOP,
  virEventRemoveHandleFunc: EVENT_LOOP,
  virEventRemoveTimeoutFunc: EVENT_LOOP,
  virEventUpdateHandleFunc: EVENT_LOOP,
  virEventUpdateTimeoutFunc: EVENT_LOOP,
  virStreamSinkFunc: STREAM_LOOP,
  virStreamSinkHoleFunc: STREAM_LOOP,
  virStreamSourceFunc: STREAM_LOOP,
  virStreamSourceHoleFunc: STREAM_LOOP,
  virStreamSourceSkipFunc: STREAM_LOOP,
};

export function callbackDecision(name: string): CallbackRow {
  if (/^virConnect\w+Event\w*Callback$/.test(name)) return EVENT;
  return CALLBACKS[name] ?? { by: 'hand', where: null, why: 'its registration is not written yet' };
}
