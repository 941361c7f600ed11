import { nameOf } from './value-names.js';

/**
 * One thing that libvirt asks for: [type, prompt, challenge, default, answer]. The callback writes the answer into the last place, as in
 * libvirt-python.
 */
export type Credential = [type: number, prompt: string | null, challenge: string | null, defresult: string | null, result: string | null];

/** Fills in the answers and returns 0, or returns -1 to give up; may do so later, by a promise. */
export type CredentialCallback<T> = (credentials: Credential[], opaque: T) => number | Promise<number>;

type Answers = (string | null)[] | null;
type Answering = (credentials: Credential[]) => Promise<Answers>;

const requests = new Map<number, Answering>();
let nextRequest = 1;

/** A number for the addon, under which the questions of one openAuth come back. `answer` must not throw; null gives up. */
export function addCredentialRequest(answer: Answering): number {
  const request = nextRequest++;
  requests.set(request, answer);
  return request;
}

export function forgetCredentialRequest(request: number): void {
  requests.delete(request);
}

/** The addon's hook: `reply` with the answers, or null to give up. */
export function askCredentials(request: number, credentials: unknown[], reply: (answers: Answers) => void): void {
  const answer = requests.get(request);
  if (answer === undefined) return reply(null);
  answer(credentials as Credential[]).then(reply, () => reply(null));
}

/**
 * What the callback wrote into the list that it was given.
 * @throws TypeError when it spoiled the list, or an answer is none
 */
export function answersOf(credentials: unknown, count: number): (string | null)[] {
  if (!Array.isArray(credentials) || credentials.length !== count) {
    throw new TypeError(`virConnectOpenAuth: the callback must leave the list of credentials its ${count} entries`);
  }
  return credentials.map((credential: unknown, index) => {
    const where = `virConnectOpenAuth: credentials[${index}]`;
    if (!Array.isArray(credential) || credential.length !== 5) throw new TypeError(`${where} must stay an array of 5, the last the answer`);
    const answer: unknown = credential[4];
    if (answer === null || answer === undefined) return null;
    if (!['string', 'number', 'boolean'].includes(typeof answer)) {
      throw new TypeError(`${where}[4] must be a string or null, not ${nameOf(answer)}`);
    }
    const text = typeof answer === 'string' ? answer : nameOf(answer);
    // Not the answer itself in the message: it may be a password.
    if (text.includes('\0')) throw new TypeError(`${where}[4] must be a string without NUL characters`);
    if (/\p{Surrogate}/u.test(text)) throw new TypeError(`${where}[4] must be a string without lone surrogates`);
    return text;
  });
}
