import { loadavg, uptime as secondsUp } from 'node:os';

/** The host's uptime, in the words of the program of that name; who is logged in is nobody's business. */
export function uptime(): string {
  const minutes = Math.floor(secondsUp() / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const day = days === 0 ? '' : days === 1 ? '1 day, ' : `${days} days, `;
  const clock = new Date().toTimeString().slice(0, 8);
  const load = loadavg().map((one) => one.toFixed(2));
  return ` ${clock} up ${day}${String(hours).padStart(2)}:${String(rest).padStart(2, '0')},  load average: ${load.join(', ')}`;
}
