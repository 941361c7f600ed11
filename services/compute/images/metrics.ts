import { Counter, Gauge, type Registry } from 'prom-client';

/** What the image cache tells of itself. */
export interface ImageCacheMetrics {
  /** An image was used that was here. */
  hit(): void;
  /** An image had to be fetched. */
  miss(): void;
  fetched(bytes: number): void;
  held(bytes: number): void;
  evicted(): void;
  /** A file was not what its name says, or what was fetched not what was asked for. */
  verificationFailed(): void;
}

export const UNMEASURED: ImageCacheMetrics = {
  hit: () => {},
  miss: () => {},
  fetched: () => {},
  held: () => {},
  evicted: () => {},
  verificationFailed: () => {},
};

export function imageCacheMetrics(registry: Registry): ImageCacheMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const hits = counter('novalet_image_cache_hits_total', 'Uses of a fetched image that was here.');
  const misses = counter('novalet_image_cache_misses_total', 'Images that had to be fetched.');
  const fetched = counter('novalet_image_fetched_bytes_total', 'Bytes of images that came over the network.');
  const evictions = counter('novalet_image_cache_evictions_total', 'Images taken away to make room for others.');
  const failures = counter(
    'novalet_image_verification_failures_total',
    'Images in the cache, or fetched, whose bytes had not the digest that they should have.',
  );
  const held = new Gauge({
    name: 'novalet_image_cache_bytes',
    help: 'Bytes that the image cache holds, unfinished downloads included.',
    registers,
  });
  return {
    hit: () => hits.inc(),
    miss: () => misses.inc(),
    fetched: (bytes) => fetched.inc(bytes),
    held: (bytes) => held.set(bytes),
    evicted: () => evictions.inc(),
    verificationFailed: () => failures.inc(),
  };
}
