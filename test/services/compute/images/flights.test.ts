import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Flights } from '../../../../services/compute/images/flights.js';

const never = () => new AbortController().signal;

test('work that nobody waits for any more is called off, and whoever comes meanwhile begins it anew', async () => {
  const flights = new Flights<string>();
  const leaving = new AbortController();
  let end: (() => void) | undefined;
  const first = flights.join('a', { signal: leaving.signal }, async ({ signal }) => {
    await new Promise<void>((resolve) => (end = resolve));
    signal.throwIfAborted();
    return 'first';
  });
  await new Promise(setImmediate);
  leaving.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  const second = flights.join('a', { signal: never() }, () => Promise.resolve('second'));
  end?.();
  assert.equal(await second, 'second');
});

test('a failure is everybody’s, and the next one begins anew', async () => {
  const flights = new Flights<string>();
  let runs = 0;
  const fail = () => Promise.reject(new Error(`failure ${++runs}`));
  const both = await Promise.allSettled([flights.join('a', { signal: never() }, fail), flights.join('a', { signal: never() }, fail)]);
  assert.deepEqual([both.map(({ status }) => status), runs], [['rejected', 'rejected'], 1]);
  assert.equal(await flights.join('a', { signal: never() }, () => Promise.resolve('done')), 'done');
});

test('who comes late hears at once how far it has come', async () => {
  const flights = new Flights<void>();
  let end: (() => void) | undefined;
  const heard: unknown[] = [];
  const work = async ({ onProgress }: { onProgress: (progress: { phase: string; bytes: number }) => void }) => {
    onProgress({ phase: 'download', bytes: 7 });
    await new Promise<void>((resolve) => (end = resolve));
  };
  const first = flights.join('a', { signal: never() }, work);
  await new Promise(setImmediate);
  const late = flights.join('a', { signal: never(), onProgress: (progress) => void heard.push(progress) }, work);
  end?.();
  await Promise.all([first, late]);
  assert.deepEqual(heard, [{ phase: 'download', bytes: 7 }]);
});
