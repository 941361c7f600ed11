import { readFileSync } from 'node:fs';
import { CLIENT_VARIABLES } from '../common/client-variables.js';
import { ComputeError } from '../common/errors.js';
import { bounded } from './bounded.js';
import { metaOf, Settings, SETTINGS, type ComputeSettings, type SettingName } from './settings.js';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A JSON file with the same names; the environment wins. */
  readonly file?: string | undefined;
}

/** The settings, and the contents of the files that they name. */
export interface ComputeConfig extends ComputeSettings {
  /** Of NOVALET_IMAGE_CA. */
  readonly imageCa?: Buffer;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

const PREFIX = 'NOVALET_';
const CLIENTS: ReadonlySet<string> = new Set(CLIENT_VARIABLES);

/**
 * Reads and checks the whole configuration.
 * @throws ComputeError invalid that lists every problem, a line each: the name, what was given (never a secret), and what is wanted
 */
export function loadConfig({ env, file }: ConfigSources): ComputeConfig {
  const fromFile = file === undefined ? {} : readSettingsFile(file);
  const fromEnv = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith(PREFIX) && !CLIENTS.has(name) && value !== undefined && value !== ''),
  );
  const given: Record<string, unknown> = { ...fromFile, ...fromEnv };
  const parsed = Settings.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, given, fromEnv, file));
  const tls = readTlsFiles(given, problems);
  checkGrpcTls(given, problems);
  const imageCa = readNamedFile('NOVALET_IMAGE_CA', given, problems);
  if (!parsed.success || problems.length > 0) {
    throw new ComputeError('invalid', `the configuration is wrong:\n${[...new Set(problems)].map((problem) => `  ${problem}`).join('\n')}`);
  }
  return { ...parsed.data, ...(tls && { tls }), ...(imageCa && { imageCa }) };
}

/** A URL for people to read: without its password, and without what follows the virtual host. */
export function withoutPassword(url: string): string {
  const shown = URL.canParse(url) ? new URL(url) : null;
  // What is no URL of a host may be a password and its user with something left out; so may be what has an @ behind the host.
  if (!shown?.hostname || `${shown.pathname}${shown.search}${shown.hash}`.includes('@')) return '(not shown)';
  if (shown.password !== '') shown.password = '…';
  shown.search = '';
  shown.hash = '';
  return shown.href.replace('%E2%80%A6', '…');
}

function readSettingsFile(file: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (content === null || typeof content !== 'object' || Array.isArray(content))
      throw new Error('it holds something else than a JSON object');
    return content as Record<string, unknown>;
  } catch (error) {
    const words = error instanceof SyntaxError ? 'it is not JSON' : error instanceof Error ? error.message : String(error);
    throw new ComputeError(
      'invalid',
      `the configuration file ${bounded(file)} cannot be used: ${words}; wanted: a JSON object such as {"NOVALET_HOST": "host-1"}`,
      {},
      { cause: error },
    );
  }
}

type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly keys?: readonly string[]; readonly message: string };

function problemsOf(issue: Issue, given: Record<string, unknown>, fromEnv: Record<string, unknown>, file: string | undefined): string[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((name) => {
      const where = Object.hasOwn(fromEnv, name) ? 'in the environment' : `in ${bounded(file)}`;
      return `${bounded(name)} (${where}): no setting has this name; wanted: one of ${Object.keys(SETTINGS).join(', ')}`;
    });
  }
  const name = String(issue.path[0]) as SettingName;
  const { wanted } = metaOf(name);
  const shown = Object.hasOwn(given, name) ? `${shownValue(name, given[name])} given` : 'its default does not serve here';
  // What a check of our own has to say; zod's words say no more than `wanted`.
  const because = issue.code === 'custom' && issue.message !== UNSAID ? `, ${issue.message}` : '';
  return [`${name}: ${shown}${because}; wanted: ${wanted}`];
}

/** zod's message of a check that gives none. */
const UNSAID = 'Invalid input';

function shownValue(name: SettingName, value: unknown): string {
  if (metaOf(name).secret) return typeof value === 'string' ? withoutPassword(value) : '(not shown)';
  return bounded(JSON.stringify(value));
}

const TLS_FILES = { ca: 'NOVALET_AMQP_CA', cert: 'NOVALET_AMQP_CERT', key: 'NOVALET_AMQP_KEY' } as const;

/** Adds to `problems` what is wrong with the files or their company. */
function readTlsFiles(given: Record<string, unknown>, problems: string[]): ComputeConfig['tls'] {
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const [part, name] of Object.entries(TLS_FILES) as [keyof typeof TLS_FILES, SettingName][]) {
    const content = readNamedFile(name, given, problems);
    if (content) tls[part] = content;
    if (typeof given[name] !== 'string') continue;
    if (!['NOVALET_AMQP_URL', 'NOVALET_OSLO_URL'].some((setting) => /^amqps:/.test(String(given[setting]))))
      problems.push(`${name}: given without TLS; wanted: NOVALET_AMQP_URL with amqps: beside it`);
  }
  const has = (name: string): boolean => given[name] !== undefined;
  if (has(TLS_FILES.cert) !== has(TLS_FILES.key)) {
    const [present, absent] = has(TLS_FILES.cert) ? [TLS_FILES.cert, TLS_FILES.key] : [TLS_FILES.key, TLS_FILES.cert];
    problems.push(`${absent}: not given, but ${present} is; wanted: both or neither`);
  }
  return Object.keys(tls).length === 0 ? undefined : tls;
}

const GRPC_FILES = ['NOVALET_GRPC_CERT', 'NOVALET_GRPC_KEY', 'NOVALET_GRPC_CLIENT_CA'] as const satisfies readonly SettingName[];

/** They are read anew as they change, and now only to say at once what cannot be read. */
function checkGrpcTls(given: Record<string, unknown>, problems: string[]): void {
  for (const name of GRPC_FILES) readNamedFile(name, given, problems);
  const [cert, key, ca] = GRPC_FILES;
  if ((given[cert] === undefined) !== (given[key] === undefined)) {
    const [present, absent] = given[key] === undefined ? [cert, key] : [key, cert];
    problems.push(`${absent}: not given, but ${present} is; wanted: both or neither`);
  }
  if (given[ca] !== undefined && given[cert] === undefined) problems.push(`${ca}: given without TLS; wanted: NOVALET_GRPC_CERT beside it`);
}

/** The file that a setting names, if it does; what keeps it from being read is a problem. */
function readNamedFile(name: SettingName, given: Record<string, unknown>, problems: string[]): Buffer | undefined {
  const path = given[name];
  if (typeof path !== 'string') return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    problems.push(`${name}: ${shownValue(name, path)} given, which cannot be read (${errorCode(error)}); wanted: ${metaOf(name).wanted}`);
    return undefined;
  }
}

function errorCode(error: unknown): string {
  return String((error as { code?: unknown }).code ?? error);
}
