/**
 * One thing that libvirt asks for: [type, prompt, challenge, default, answer]. The callback writes the answer into the last place, as in
 * libvirt-python.
 */
export type Credential = [type: number, prompt: string | null, challenge: string | null, defresult: string | null, result: string | null];

/** Fills in the answers and returns 0, or returns -1 to give up; may do so later, by a promise. */
export type CredentialCallback<T> = (credentials: Credential[], opaque: T) => number | Promise<number>;

const requests = new Map<number, (credentials: Credential[]) => number | Promise<number>>();
let nextRequest = 1;

/** A number for the addon, under which the questions of one openAuth come back. */
export function addCredentialRequest(answer: (credentials: Credential[]) => number | Promise<number>): number {
  const request = nextRequest++;
  requests.set(request, answer);
  return request;
}

export function forgetCredentialRequest(request: number): void {
  requests.delete(request);
}

/** The addon's hook: `reply` with the answers, or null to give up. A callback that throws gives up, and its error is an unhandled rejection. */
export function askCredentials(request: number, credentials: unknown[], reply: (answers: (string | null)[] | null) => void): void {
  const asked = credentials as Credential[];
  const answered = async (): Promise<void> => {
    let agreed = false;
    try {
      agreed = (await requests.get(request)?.(asked)) === 0;
    } finally {
      reply(agreed ? asked.map(([, , , , result]) => (result === null || result === undefined ? null : String(result))) : null);
    }
  };
  void answered();
}
