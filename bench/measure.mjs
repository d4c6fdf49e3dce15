// Starts the fake model, the floor without and with a journal, and the published portal; sends the same chain to all in turns, checks every answer, prints a table.
import path from 'node:path';
import { expectedAnswer, prompts } from './chain.mjs';
import { ask, cpuMs, createChain, freePort, key, memoryMb, sleep, start, startPortal, startServer, stop, until } from './servers.mjs';

const [folder, program, before] = process.argv.slice(2);
const scale = Number(process.env.BENCH_SCALE ?? 1);
const tokens = 50;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));

const starts = { fresh: [], again: [] };
for (let i = 0; i <= rounds; i++) {
  for (const kind of ['fresh', 'again']) { // a start right after the publish would measure the disk: the first pair warms it and does not count
    const tried = await startPortal(program, path.join(folder, `start-${i}`));
    if (i > 0) starts[kind].push(tried.readyMs);
    await stop(tried);
  }
}

const portal = await startPortal(program, path.join(folder, 'start-0'));
await sleep(30_000); // memory of the start is returned once the portal rests
const idleMb = memoryMb(portal.pid);
const { path: runPath } = await createChain(portal, model);
const floor = await startFloor([]);
const journal = await startFloor(['--journal', path.join(folder, 'floor.db')]);

const floorTarget = server => ({ pid: server.pid, send: notes => ask('POST', `${server.url}/run`, { notes }).then(a => a.text) });
const targets = {
  floor: floorTarget(floor),
  journal: floorTarget(journal),
  ...(before && { before: await beforeTarget() }),
  portal: { pid: portal.pid, send: notes => ask('POST', portal.url + runPath, { inputs: { notes } }, key).then(portalAnswer) },
};
await pace(0, 0);
for (const target of Object.values(targets)) await load(target, 16, 20 * scale); // until the runtime has compiled what is hot

const one = await compare(1, 5 * scale);
const sixteen = await compare(16, 8 * scale);
await pace(200, 10);
const slow = await compare(64, 15 * scale);

const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const measured = (name, result, figure, digits, goal, base = 'floor') => row(
  name, ...Object.keys(targets).map(target => result[target][figure].toFixed(digits)), `${(result.portal[figure] / result[base][figure]).toFixed(2)}${base === 'journal' ? ' × floor + journal' : ''}`, goal);
const titles = ['floor', 'floor + journal', ...(before ? ['portal before'] : []), 'portal'];
const gap = titles.slice(2, -1).map(() => '–');
row('chain of three streaming calls, 50 tokens each', ...titles, 'portal ÷ floor', 'goal');
row('---', ...titles.map(() => '---'), '---', '---');
measured('1 caller: p50 ms', one, 'p50', 1, '≤ 1.8');
measured('16 callers: runs/s', sixteen, 'rate', 0, '≥ 0.75');
measured('16 callers: CPU ms a run', sixteen, 'cpu', 2, '≤ 1.4');
measured('64 callers, 200 ms + 50 × 10 ms: runs/s', slow, 'rate', 1, '≥ 29.5 runs/s');
measured('64 callers, 200 ms + 50 × 10 ms: p95 ms', slow, 'p95', 0, '≤ 1.05', 'journal');
const seconds = times => `${(middle(times) / 1000).toFixed(2)} (${times.map(ms => (ms / 1000).toFixed(2)).join(', ')})`;
row('start to ready, new database: s', '–', '–', ...gap, seconds(starts.fresh), '–', '≤ 2.5');
row('start to ready, again: s', (floor.readyMs / 1000).toFixed(2), (journal.readyMs / 1000).toFixed(2), ...gap, seconds(starts.again), '–', '≤ 2.5');
row('idle memory: MB', '–', '–', ...gap, idleMb.toFixed(0), '–', '≤ 180');
process.exit(0);

function middle(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/** All targets in turns; the medians of the rounds. */
async function compare(callers, seconds) {
  const results = Object.fromEntries(Object.keys(targets).map(name => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const name of Object.keys(targets)) results[name].push(await load(targets[name], callers, seconds));
  }
  const summary = list => Object.fromEntries(['p50', 'p95', 'rate', 'cpu'].map(figure => [figure, middle(list.map(result => result[figure]))]));
  return Object.fromEntries(Object.entries(results).map(([name, list]) => [name, summary(list)]));
}

/** A fixed number of callers, each with its next request as soon as it has its answer. Any wrong answer ends the measurement. */
async function load(target, callers, seconds) {
  const times = [];
  const cpuBefore = cpuMs(target.pid);
  const begin = performance.now();
  const caller = async number => {
    for (let i = 0; performance.now() - begin < seconds * 1000; i++) {
      const notes = `Ann ships the report on Friday. Bob books the room. Note ${number}.${i} of ${begin}.`;
      const sent = performance.now();
      const answer = await target.send(notes);
      times.push(performance.now() - sent);
      if (answer !== expectedAnswer(notes, tokens)) throw new Error(`Wrong answer: ${answer}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const elapsed = performance.now() - begin;
  times.sort((a, b) => a - b);
  const quantile = q => times[Math.min(times.length - 1, Math.floor(times.length * q))];
  return { p50: quantile(0.5), p95: quantile(0.95), rate: times.length / (elapsed / 1000), cpu: (cpuMs(target.pid) - cpuBefore) / times.length };
}

function portalAnswer(run) {
  if (run.status !== 'succeeded') throw new Error(`The run ended ${run.status}: ${JSON.stringify(run.error)}`);
  return run.outputs[prompts.at(-1).name];
}

async function startFloor(more) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return startServer(url, path.join(folder, 'floor', 'Floor.dll'), ['--urls', url, '--model', `${model}/v1`, ...more], {});
}

async function beforeTarget() {
  const other = await startPortal(before, path.join(folder, 'before'));
  const { path: otherPath } = await createChain(other, model);
  return { pid: other.pid, send: notes => ask('POST', other.url + otherPath, { inputs: { notes } }, key).then(portalAnswer) };
}

async function pace(firstMs, tokenMs) {
  await ask('POST', `${model}/pace`, { firstMs, tokenMs, tokens });
}
