// Opens many pages of the published portal and prints what an open page holds, what a click takes beside running runs, and what is left when all connections fail.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { ask, cpuMs, createChain, freePort, key, memoryMb, signIn, sleep, start, startPortal, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const count = Number(process.env.CIRCUITS ?? 500);

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));

const portal = await startPortal(program, path.join(folder, 'circuits-data'), { PromptPilot__Http__PagesPerPerson: 1_000 });
const chain = await createChain(portal, model);
for (let i = 0; i < 60; i++) await run(i);
const [newest] = (await ask('GET', `${portal.url}/api/v1/runs?limit=1`, undefined, key)).items;
const cookie = await signIn(portal);

console.log('| page | open | MB each | KB sent each |\n| --- | --- | --- | --- |');
for (const page of ['/', '/runs', '/prompts', `/runs/${newest.id}`, `/workflows/${chain.workflow.id}/edit`]) await hold(page, Math.ceil(count / 5));

const browsers = openBrowsers();
await browsers.tell(`open /runs ${count}`);
const idle = await busy(10_000);
const load = loadOf(10);
const running = await busy(10_000);
const times = (await browsers.tell(`follow /prompts ${Math.min(count, 60)}`)).concat(await browsers.tell(`follow /runs ${Math.min(count, 60)}`)).sort((a, b) => a - b);
await load.end();
const full = memoryMb(portal.pid);
const { open, failures } = await browsers.tell('count');
browsers.child.kill('SIGKILL');
await sleep(15_000);
console.log(`
${open} pages with the list of runs still open of ${count}${failures.length > 0 ? ` (${failures.join('; ')})` : ''}
CPU of the portal: ${idle.toFixed(1)} % of a core with nothing going on, ${running.toFixed(1)} % with 10 runs a second
A click on a link beside 10 runs a second, until the page is rendered: p50 ${quantile(times, 0.5)} ms, p95 ${quantile(times, 0.95)} ms
Memory: ${full.toFixed(0)} MB, and ${memoryMb(portal.pid).toFixed(0)} MB 15 s after all connections failed`);
process.exit(open === count ? 0 : 1);

/** Memory of `more` pages over that of ten, which bring what is loaded only once. */
async function hold(page, more) {
  const some = openBrowsers();
  const few = await some.tell(`open ${page} 10`);
  await sleep(3_000);
  const before = memoryMb(portal.pid);
  const many = await some.tell(`open ${page} ${more}`);
  await sleep(3_000);
  const name = page.replaceAll(/[0-9a-f-]{36}/g, 'ID');
  console.log(`| ${name} | ${many.open} | ${((memoryMb(portal.pid) - before) / more).toFixed(2)} | ${((many.bytes - few.bytes) / more / 1024).toFixed(0)} |${many.failures.join('; ')}`);
  await some.tell('close');
  some.child.kill('SIGKILL');
  await sleep(2_000);
}

function openBrowsers() {
  const child = spawn('dotnet', [path.join(folder, 'circuits', 'Circuits.dll'), portal.url, cookie], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async tell(command) {
      child.stdin.write(`${command}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`“${command}” was not answered.`);
      return JSON.parse(value);
    },
  };
}

/** CPU of the portal in percent of a core. */
async function busy(ms) {
  const before = cpuMs(portal.pid);
  await sleep(ms);
  return ((cpuMs(portal.pid) - before) / ms) * 100;
}

/** Starts so many runs a second until it is ended. */
function loadOf(rate) {
  let on = true;
  const all = (async () => {
    const pending = [];
    for (let i = 0; on; i++) {
      pending.push(run(`load ${i}`));
      await sleep(1000 / rate);
    }
    await Promise.all(pending);
  })();
  return { end: () => { on = false; return all; } };
}

async function run(i) {
  const { status } = await ask('POST', portal.url + chain.path, { inputs: { notes: `Note ${i}` } }, key);
  if (status !== 'succeeded') throw new Error(`A run ended ${status}.`);
}

function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))].toFixed(0);
}
