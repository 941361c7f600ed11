const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 is 1.5 KiB. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || Number.isInteger(value) ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** The two largest units of a time: 3 d 4 h. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

const SIZES: Readonly<Record<string, number>> = { M: 1, G: 1024, T: 1024 ** 2, MIB: 1, GIB: 1024, TIB: 1024 ** 2 };

/** 512, 512M, 4G, 1T, 4GiB in MiB; null for what is no such size. Units are powers of two. */
export function mebibytes(text: string): number | null {
  const [, digits, unit] = /^(\d{1,9})(|[MGT]|[MGT]i?B?)$/i.exec(text) ?? [];
  if (digits === undefined || unit === undefined || /^[MGT]B$/i.test(unit)) return null;
  const factor = unit === '' ? 1 : SIZES[unit.toUpperCase()];
  const size = factor === undefined ? Number.NaN : Number(digits) * factor;
  return Number.isSafeInteger(size) && size > 0 ? size : null;
}
