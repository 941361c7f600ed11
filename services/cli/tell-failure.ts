import { Failure, type FailureReport } from './failure.js';
import { printable, printableJson } from './printable.js';
import { asComputeError, ComputeError } from '../common/errors.js';

/** Whatever was thrown, as something that can be told. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const { kind, message, details } = asComputeError(thrown);
  const { field } = details;
  const advice =
    thrown instanceof ComputeError ? undefined : 'This is a fault of the command line itself; NOVALET_CLI_DEBUG=1 shows where.';
  return new Failure(
    { kind, message, ...(field !== undefined && { fields: [{ field, description: message }] }), ...(advice !== undefined && { advice }) },
    undefined,
    { cause: thrown },
  );
}

/** For people: what went wrong, its details, and what to do. */
export function failureWords({ message, fields = [], facts = {}, retryAfterSeconds, requestId, operation, advice }: FailureReport): string {
  const lines = [`novalet: ${message}`];
  for (const { field, description } of fields) lines.push(description === message ? `  field: ${field}` : `  ${field}: ${description}`);
  for (const [name, value] of Object.entries(facts)) lines.push(`  ${name}: ${value}`);
  if (operation !== undefined) lines.push(`  operation: ${operation}`);
  if (requestId !== undefined) lines.push(`  request id: ${requestId}`);
  if (retryAfterSeconds !== undefined) lines.push(`  may be tried again in ${retryAfterSeconds} s`);
  if (advice !== undefined) lines.push(`  → ${advice}`);
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** For programs: one line. */
export function failureJson(report: FailureReport): string {
  return `${printableJson({ error: report })}\n`;
}
