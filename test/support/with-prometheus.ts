import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../ops/private/free-ports.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

export interface Prometheus {
  /** The value of an instant query that gives one sample; waits until there is one. */
  valueOf(query: string): Promise<number>;
}

/** A Prometheus of one's own that scrapes `target` (host:port) five times a second. */
export async function withPrometheus(t: TakeAway, target: string): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-prometheus-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  const [port] = await freePorts(1);
  const scrape = { job_name: 'novalet-worker', scrape_interval: '200ms', scrape_timeout: '200ms', static_configs: [{ targets: [target] }] };
  // JSON is YAML.
  await writeFile(join(directory, 'prometheus.yml'), JSON.stringify({ scrape_configs: [scrape] }));
  const flags = [
    `--config.file=${directory}/prometheus.yml`,
    `--storage.tsdb.path=${directory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', [...flags, '--log.level=error'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  takeAwayAfter(t, async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ask = async (query: string): Promise<number | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const sample = data.result[0]?.value[1];
    return sample === undefined ? undefined : Number(sample);
  };
  return { valueOf: (query) => waitUntil(`Prometheus to answer ${query}`, () => ask(query)) };
}
