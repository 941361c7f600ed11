import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { PowerState } from '../../common/messages/power-state.js';
import { CONDITIONS } from './condition.js';
import type { InstanceRegister } from './register.js';

export type InstanceMetrics = ReturnType<typeof createInstanceMetrics>;

const SURVEY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** What can happen to an instance while no command of it is in hand. */
export const DRIFTS = [...PowerState.options, 'vanished', 'appeared'] as const;
export type Drift = (typeof DRIFTS)[number];

/** What /metrics shows of the instances: the gauges are read from the register at every scrape. */
export function createInstanceMetrics(registry: Registry, register: InstanceRegister, waiting: () => number) {
  const registers = [registry];
  new Gauge({
    name: 'novalet_instances',
    help: 'Instances that have been made, by power state; missing: its domain was taken away outside of novalet.',
    labelNames: ['state'],
    registers,
    collect() {
      const states = register.states();
      for (const state of [...PowerState.options, 'missing'] as const) this.set({ state }, states.get(state) ?? 0);
    },
  });
  new Gauge({
    name: 'novalet_instances_mismatched',
    help: 'Instances that are not where their last command left them, by desired and actual power state.',
    labelNames: ['desired', 'state'],
    registers,
    collect() {
      this.reset();
      for (const [key, count] of register.mismatches()) {
        const [desired = '', state = ''] = key.split(' ');
        this.set({ desired, state }, count);
      }
    },
  });
  new Gauge({
    name: 'novalet_reconcile_domains',
    help: 'What the last look at the host found, by class; foreign: domains of others; other-worker: those of another worker on the same libvirt; stray: something else among the instance directories; orphan-image: files of images that are of no use.',
    labelNames: ['class'],
    registers,
    collect() {
      const conditions = register.conditions();
      for (const condition of CONDITIONS) this.set({ class: condition }, conditions.get(condition) ?? 0);
      this.set({ class: 'foreign' }, register.foreign - register.ofOtherWorkers);
      this.set({ class: 'other-worker' }, register.ofOtherWorkers);
      this.set({ class: 'stray' }, register.strays.length);
      this.set({ class: 'orphan-image' }, register.orphanImages.length);
    },
  });
  new Gauge({
    name: 'novalet_state_events_waiting',
    help: 'Events of instances that the broker has not confirmed yet.',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  const metrics = {
    surveyDuration: new Histogram({
      name: 'novalet_reconcile_duration_seconds',
      help: 'Time of a look at the whole host.',
      buckets: SURVEY_BUCKETS,
      registers,
    }),
    recoveryDuration: new Gauge({
      name: 'novalet_recovery_duration_seconds',
      help: 'Time from the start of the worker until it knew every instance of the host; 0: not yet.',
      registers,
    }),
    lastSurvey: new Gauge({
      name: 'novalet_reconcile_last_success_timestamp_seconds',
      help: 'When the last look at the whole host came to its end.',
      registers,
    }),
    drift: new Counter({
      name: 'novalet_reconcile_drift_total',
      help: 'Changes of instances while no command of theirs was in hand, by what they changed to.',
      labelNames: ['kind'],
      registers,
    }),
    actions: new Counter({
      name: 'novalet_reconcile_actions_total',
      help: 'Instances brought back to where they belong, by what was done and how it ended.',
      labelNames: ['action', 'outcome'],
      registers,
    }),
  };
  for (const kind of DRIFTS) metrics.drift.inc({ kind }, 0);
  for (const action of ['start', 'resume']) for (const outcome of ['done', 'failed']) metrics.actions.inc({ action, outcome }, 0);
  return metrics;
}
