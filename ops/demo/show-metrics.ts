import type { Narrator } from './narrator.js';
import type { RunningWorker } from './private-host.js';

const INTERESTING =
  /^(novalet_command_duration_seconds_(count|sum)|novalet_command_step_seconds_sum|novalet_messages_received_total\{command="instance\.spawn"\}|novalet_amqp_connection_state|novalet_libvirt_connection_state|novalet_libvirt_call_duration_seconds_count)/;

/** Shows the lines of /metrics that the spawn has moved. */
export async function showMetrics(narrator: Narrator, { monitoring }: RunningWorker): Promise<void> {
  narrator.step('What Prometheus would read: /metrics');
  const answer = await fetch(`${monitoring}/metrics`);
  const lines = (await answer.text()).split('\n').filter((line) => INTERESTING.test(line) && !line.endsWith(' 0'));
  narrator.quote('metrics', lines.join('\n'));
  if (!lines.some((line) => line.startsWith('novalet_command_duration_seconds_count{command="instance.spawn",outcome="done"}'))) {
    throw new Error('/metrics does not count the spawn');
  }
  narrator.seen('/metrics counts the spawn');
}
