import assert from 'node:assert/strict';
import test from 'node:test';
import { Argument, Command, Option } from 'commander';
import { candidates, type Candidate } from '../../../services/cli/candidates.js';

const INSTANCES: readonly Candidate[] = [
  { word: 'web-1', about: '' },
  { word: 'web-2', about: 'a\x1b[2J' },
  { word: '$(reboot)', about: '' },
  { word: 'two words', about: '' },
];

function program(): Command {
  const top = new Command('novalet').option('--verbose');
  const instance = top.command('instance').description('guests');
  instance
    .command('stop')
    .description('switch one off')
    .argument('<instance>')
    .option('--grace <seconds>')
    .addOption(new Option('-o, --output <format>').choices(['table', 'json']));
  instance.command('list');
  instance.command('hidden', { hidden: true });
  top.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']));
  return top;
}

const ask = (argument: string) => Promise.resolve(argument === 'instance' ? INSTANCES : []);
const offered = async (...words: string[]) => (await candidates(program(), words, ask)).map(({ word }) => word);

test('commands are offered, and those of a group after it, but no hidden ones', async () => {
  assert.deepEqual(await offered('in'), ['instance']);
  assert.deepEqual(await offered('instance', ''), ['stop', 'list', 'help']);
});

test('options are offered where one is begun, those of the commands above too', async () => {
  assert.deepEqual(await offered('instance', 'stop', '--'), ['--grace', '--output', '--verbose', '--help']);
});

test('a closed set of values is offered', async () => {
  assert.deepEqual(await offered('instance', 'stop', '-o', ''), ['table', 'json']);
  assert.deepEqual(await offered('completion', 'z'), ['zsh']);
});

test('instances are offered where one is wanted: not for the value of an option, and not twice', async () => {
  assert.deepEqual(await offered('instance', 'stop', '--grace', '5', 'web'), ['web-1', 'web-2']);
  assert.deepEqual(await offered('instance', 'stop', '--grace', ''), []);
  assert.deepEqual(await offered('instance', 'stop', 'web-1', ''), []);
});

test('a name that a shell would take for more than a word is not offered, and its description plays with no terminal', async () => {
  const all = await candidates(program(), ['instance', 'stop', ''], ask);
  assert.deepEqual(all, [INSTANCES[0], { word: 'web-2', about: 'a\\u{1b}[2J' }]);
});
