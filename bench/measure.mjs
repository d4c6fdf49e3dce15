// Starts the fake model, the floor without and with a journal, and the published portal; sends the same chain to all in turns, checks every answer, prints a table.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { expectedAnswer, prompts } from './chain.mjs';

const [folder, before] = process.argv.slice(2);
const scale = Number(process.env.BENCH_SCALE ?? 1);
const tokens = 50;
const rounds = 3;
const key = 'bench-key-0123456789-0123456789';
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const children = [];
process.on('exit', () => children.forEach(child => child.kill('SIGKILL')));

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));

const starts = { fresh: [], again: [] };
for (let i = 0; i <= rounds; i++) {
  for (const kind of ['fresh', 'again']) { // a start right after the publish would measure the disk: the first pair warms it and does not count
    const tried = await startPortal(`start-${i}`);
    if (i > 0) starts[kind].push(tried.readyMs);
    await stop(tried);
  }
}

const portal = await startPortal('start-0');
await sleep(10_000);
const idleMb = memoryMb(portal.pid);
const runPath = await createChain(portal);
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

async function createChain({ url }) {
  const api = `${url}/api/v1`;
  const profile = await ask('POST', `${api}/model-profiles`, {
    name: 'Bench model', provider: 'openai-compatible', endpoint: `${model}/v1`, model: 'fake-1', apiKey: 'none', parameters: { temperature: 0.2, maxTokens: 1024 },
  }, key);
  const steps = [];
  let reads = 'notes';
  for (const [index, prompt] of prompts.entries()) {
    const made = await ask('POST', `${api}/prompts`, { name: `Bench ${prompt.name}`, content: `${prompt.text}{{ ${prompt.variable} }}` }, key);
    steps.push({ promptId: made.id, model: profile.id, inputMapping: { [prompt.variable]: reads }, outputKey: prompt.name, order: index + 1 });
    reads = prompt.name;
  }
  const workflow = await ask('POST', `${api}/workflows`, { name: 'Bench chain', inputs: [{ name: 'notes', type: 'text', required: true }], steps }, key);
  await ask('POST', `${api}/workflows/${workflow.id}/publish`, {}, key);
  return `/api/v1/workflows/${workflow.id}/runs?wait=60`;
}

async function startFloor(more) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return startServer(url, path.join(folder, 'floor', 'Floor.dll'), ['--urls', url, '--model', `${model}/v1`, ...more], {});
}

async function beforeTarget() {
  const other = await startPortal('before', before);
  const otherPath = await createChain(other);
  return { pid: other.pid, send: notes => ask('POST', other.url + otherPath, { inputs: { notes } }, key).then(portalAnswer) };
}

async function startPortal(data, program = path.join(folder, 'portal')) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return startServer(url, path.join(program, 'PromptPilot.Web.dll'), [], {
    Urls: url,
    PromptPilot__DataDirectory: path.join(folder, data),
    PromptPilot__Setup__AdminEmail: 'admin@example.org',
    PromptPilot__Setup__AdminPassword: 'a long password for the bench 1',
    PromptPilot__Setup__ApiKey: key,
  });
}

async function startServer(url, program, args, environment) {
  const begin = performance.now();
  const child = start('dotnet', [program, ...args], environment);
  await until(() => ask('GET', `${url}/health/ready`), 10);
  return { url, child, pid: child.pid, readyMs: performance.now() - begin };
}

function start(command, args, environment) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  return child;
}

async function stop({ child }) {
  const ended = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

function ask(method, url, body, bearer) {
  return new Promise((done, fail) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }), ...(bearer && { authorization: `Bearer ${bearer}` }) };
    const request = http.request(url, { method, agent, headers, timeout: 120_000 }, response => {
      const parts = [];
      response.on('data', part => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode >= 300) return fail(new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 500)}`));
        try { done(JSON.parse(text)); } catch { done(text); }
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${method} ${url}: no answer`)));
    request.on('error', fail);
    request.end(payload);
  });
}

async function pace(firstMs, tokenMs) {
  await ask('POST', `${model}/pace`, { firstMs, tokenMs, tokens });
}

async function until(attempt, intervalMs = 50, limitMs = 30_000) {
  const begin = performance.now();
  for (;;) {
    try { return await attempt(); } catch (error) { if (performance.now() - begin > limitMs) throw error; }
    await sleep(intervalMs);
  }
}

function sleep(ms) {
  return new Promise(done => setTimeout(done, ms));
}

function freePort() {
  return new Promise(done => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
  });
}

/** User and system time of a process so far (Linux; a clock tick is 10 ms). */
function cpuMs(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
