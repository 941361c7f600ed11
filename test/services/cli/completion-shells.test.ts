import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../../../services/cli/completion-scripts.js';

const PROGRAM = fileURLToPath(new URL('../../../services/compute/cli.js', import.meta.url));
const run = promisify(execFile);

/** What each shell makes of `novalet host c`, with the script read from `$0`: a candidate a line. */
const TRIED: Readonly<Record<Shell, string>> = {
  bash: 'source "$0"; COMP_WORDS=(novalet host c); COMP_CWORD=2; _novalet; printf "%s\\n" "${COMPREPLY[@]}"',
  // Its completion begins at a key; what it calls with the candidates stands in for that.
  zsh: 'compdef() { }; _describe() { print -rl -- "${(@P)2}" }; source "$0"; words=(novalet host c); CURRENT=3; _novalet',
  fish: 'source $argv[1]; complete -C "novalet host c"',
};
const CHECKED: Readonly<Record<Shell, readonly string[]>> = { bash: ['-n'], zsh: ['-f', '-n'], fish: ['--no-execute'] };
const PLAIN: Readonly<Record<Shell, readonly string[]>> = { bash: ['--norc', '-c'], zsh: ['-f', '-c'], fish: ['--no-config', '-c'] };

function isThere(shell: Shell): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The script, and a `novalet` to be found by its name. */
function inDirectory(t: TestContext, shell: Shell) {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-completion-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const script = join(directory, `script.${shell}`);
  writeFileSync(script, COMPLETION_SCRIPTS[shell]);
  writeFileSync(join(directory, 'novalet'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, { mode: 0o755 });
  return { script, env: { ...process.env, HOME: directory, PATH: `${directory}:${process.env['PATH']}` } };
}

for (const shell of SHELLS)
  test(`${shell} reads its completion script, and completes by it`, { skip: !isThere(shell) && `${shell} is not installed` }, async (t) => {
    const { script, env } = inDirectory(t, shell);
    await run(shell, [...CHECKED[shell], script], { env });
    const { stdout, stderr } = await run(shell, [...PLAIN[shell], TRIED[shell], script], { env });
    assert.match(stdout, /^cordon(\b.*)?$/m, stderr);
    assert.doesNotMatch(stdout, /^drain/m);
    assert.equal(stderr, '');
  });
