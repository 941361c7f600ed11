const HIGHEST = 16_383;

/** Numbers of CPUs as Linux and libvirt write them: `0-3,^2,8`; null when it is no such list. */
export function parseCpuList(text: string): number[] | null {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const found = /^(\^?)(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (!found) return null;
    const first = Number(found[2]);
    const last = Number(found[3] ?? found[2]);
    if (last < first || last > HIGHEST) return null;
    for (let cpu = first; cpu <= last; cpu++) {
      if (found[1] === '^') cpus.delete(cpu);
      else cpus.add(cpu);
    }
  }
  return cpus.size > 0 ? [...cpus].sort((a, b) => a - b) : null;
}
