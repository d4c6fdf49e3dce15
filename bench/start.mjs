// Starts the published portal again and again and prints how long it takes until it is ready, what the first runs cost, and what it holds idle.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ask, cpuMs, createChain, freePort, key, memoryMb, sleep, start, startPortal, stop, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const rounds = Number(process.env.START_ROUNDS ?? 5);
const most = Number(process.env.START_RUNS ?? 2_000);
const idleMs = Number(process.env.START_IDLE_MS ?? 30_000);

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));

const starts = { 'new database': [], again: [], 'again, nothing of it in memory': [] };
for (let i = 0; i <= rounds; i++) {
  const data = path.join(folder, `start-${i}`);
  for (const kind of Object.keys(starts)) {
    if (kind.endsWith('memory') && !forget()) continue;
    const portal = await startPortal(program, data);
    const cpu = cpuMs(portal.pid);
    if (i > 0) starts[kind].push({ ms: portal.readyMs, cpu }); // the first round reads the program from the disk and does not count
    await stop(portal);
  }
}

console.log('| start to ready | median s | all s | CPU s |\n| --- | --- | --- | --- |');
for (const [kind, list] of Object.entries(starts)) {
  const seconds = list.map(({ ms }) => (ms / 1000).toFixed(2));
  if (list.length > 0) console.log(`| ${kind} | ${(middle(list.map(({ ms }) => ms)) / 1000).toFixed(2)} | ${seconds.join(', ')} | ${(middle(list.map(({ cpu }) => cpu)) / 1000).toFixed(2)} |`);
  else console.log(`| ${kind} | not measured: only root on Linux can empty the page cache | | |`);
}

const portal = await startPortal(program, path.join(folder, 'start-0'));
await sleep(idleMs);
console.log(`\nidle after ${idleMs / 1000} s: ${memoryMb(portal.pid).toFixed(0)} MB\n`);
const chain = await createChain(portal, model);
console.log('| runs after the start | p50 ms | p95 ms | CPU ms a run |\n| --- | --- | --- | --- |');
for (const [from, to] of [[1, 10], [11, 100], [101, 1_000], [1_001, 2_000]].filter(([, to]) => to <= most)) {
  const [times, cpu] = [[], cpuMs(portal.pid)];
  for (let i = from; i <= to; i++) {
    const begin = performance.now();
    const { status } = await ask('POST', portal.url + chain.path, { inputs: { notes: `Note ${i}` } }, key);
    if (status !== 'succeeded') throw new Error(`A run ended ${status}.`);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  console.log(`| ${from.toLocaleString('en-US')} to ${to.toLocaleString('en-US')} | ${middle(times).toFixed(1)} | ${times[Math.floor(times.length * 0.95)].toFixed(1)} | ${((cpuMs(portal.pid) - cpu) / times.length).toFixed(2)} |`);
}
process.exit(0);

/** Empties the page cache, so that the program has to be read from the disk. False where that is not allowed. */
function forget() {
  try {
    spawnSync('sync');
    fs.writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

function middle(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}
