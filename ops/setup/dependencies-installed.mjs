// Exit code 0 when node_modules holds exactly what package-lock.json wants, built for the Node that runs this.
import { existsSync, readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** npm leaves out what is not for this system; the lock file says for which it is. */
function isForThisSystem({ os, cpu, libc, optional }) {
  const fits = (list, mine) =>
    list === undefined || list.includes(mine) || list.every((entry) => entry.startsWith('!') && entry !== `!${mine}`);
  return !optional && fits(os, process.platform) && fits(cpu, process.arch) && libc === undefined;
}

function complaint() {
  if (!existsSync('node_modules/.package-lock.json')) return 'nothing is installed';
  const wanted = read('package-lock.json');
  const installed = read('node_modules/.package-lock.json');
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || !isForThisSystem(entry)) continue;
    if (entry.link ? !existsSync(path) : installed[path]?.version !== entry.version) return `${path} is not as in package-lock.json`;
  }
  const abiFile = 'node_modules/.novalet-node-abi';
  if (existsSync(abiFile) && readFileSync(abiFile, 'utf8') !== process.versions.modules) return 'they were built for another Node';
  return undefined;
}

const found = complaint();
if (found !== undefined) {
  console.error(found);
  process.exitCode = 1;
}
