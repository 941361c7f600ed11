import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { consoleParts, type ConsoleWish } from '../../../services/compute/console-parts.js';
import { openConsoleLog } from '../../../services/compute/virt/libvirt/console-log.js';

/** A log in a file, and what is read of it. */
async function following(t: TestContext, content: string, wish: Partial<ConsoleWish> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-console-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'console.log');
  writeFileSync(file, content);
  const reader = await openConsoleLog(file);
  t.after(() => reader.close());
  const end = new AbortController();
  const run = { over: false };
  const parts = consoleParts(reader, {
    maxBytes: 65_536,
    follow: true,
    isOver: () => run.over,
    signal: end.signal,
    everyMs: 1,
    ...wish,
  });
  const next = async (): Promise<string | undefined> => {
    const { value } = (await parts.next()) as IteratorResult<{ readonly content: Buffer } | undefined, undefined>;
    return value?.content.toString();
  };
  return { file, parts, next, end, run };
}

test('the end of a log comes in parts, the first of which says that there is more before it', async (t) => {
  const { parts } = await following(t, 'x'.repeat(100_000), { maxBytes: 50_000, follow: false });
  const all = [];
  for await (const { content, truncated } of parts) all.push([content.length, truncated]);
  assert.deepEqual(all, [
    [32_768, true],
    [17_232, false],
  ]);
});

test('what is written while a log is read that nobody follows is not waited for', async (t) => {
  const { parts, file, next } = await following(t, 'abc', { follow: false });
  assert.equal(await next(), 'abc');
  appendFileSync(file, 'def');
  assert.equal((await parts.next()).done, true);
});

test('a log that is followed goes on with what is written, until the guest ends', async (t) => {
  const { file, next, run } = await following(t, 'one');
  assert.equal(await next(), 'one');
  const waiting = next();
  appendFileSync(file, 'two');
  assert.equal(await waiting, 'two');
  appendFileSync(file, 'last');
  run.over = true;
  assert.deepEqual([await next(), await next()], ['last', undefined]);
});

test('a log that becomes shorter is another run of the guest, and ends it', async (t) => {
  const { file, next } = await following(t, 'the first run');
  await next();
  writeFileSync(file, 'second');
  assert.equal(await next(), undefined);
});

test('a log that is put aside for another one is read on there', async (t) => {
  const { file, next } = await following(t, 'one');
  await next();
  appendFileSync(file, 'two');
  renameSync(file, `${file}.0`);
  writeFileSync(file, 'three');
  assert.deepEqual([await next(), await next()], ['two', 'three']);
});

test('whoever goes is not waited for', async (t) => {
  const { next, end } = await following(t, 'one', { everyMs: 60_000 });
  await next();
  const waiting = next();
  end.abort();
  assert.equal(await waiting, undefined);
});
