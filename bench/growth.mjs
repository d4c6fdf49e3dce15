// Makes one thing after another ten times larger and prints what it costs at each size, and the exponent between two sizes: 1 is linear.
import path from 'node:path';
import { ask, cpuMs, createChain, freePort, key, memoryMb, sleep, start, startPortal, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const most = Number(process.env.GROWTH_MOST ?? 100_000);
const only = process.env.GROWTH_ONLY?.split(',');

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));
await pace({ firstMs: 0, tokenMs: 0, tokens: 5 });

const portal = await startPortal(program, path.join(folder, 'growth-data'), { PromptPilot__Http__ApiRequestsPerSecond: 1_000_000 });
const api = `${portal.url}/api/v1`;
const chain = await createChain(portal, model);
const profile = chain.profile.id;
const item = await ask('POST', `${api}/prompts`, { name: 'Bench item', content: 'Say it again: {{ text }}' }, key);
for (let i = 0; i < 300; i++) await runChain(i); // until the runtime has compiled what is hot

console.log('| what grows | size | for each | CPU ms | wall ms | exponent of CPU | memory MB |\n| --- | --- | --- | --- | --- | --- | --- |');
const dimensions = {
  items: () => grow('items of a list', [10, 100, 1_000, 10_000], 'item', async length => {
    const workflow = await createWorkflow(`List of ${length}`, [{ ...step(1, 'item'), forEach: 'list', maxParallelItems: 4 }], 'list', 'json');
    return timesOf(rounds(2_000, length), () => runAndWait(workflow, { list: Array.from({ length }, (_, i) => `Item ${i}`) }, length));
  }),
  steps: () => grow('steps of a chain', [10, 100], 'step', async length => {
    const steps = Array.from({ length }, (_, i) => step(i + 1, i === 0 ? 'notes' : `said${i}`));
    const workflow = await createWorkflow(`Chain of ${length}`, steps, 'notes', 'text');
    return timesOf(rounds(5_000, length), () => runAndWait(workflow, { notes: 'Ann ships the report.' }, length));
  }),
  output: async () => {
    await grow('words of an answer', [200, 2_000, 20_000, 200_000, 800_000], 'word', async tokens => {
      await pace({ tokens });
      const workflow = await createWorkflow(`Answer of ${tokens}`, [step(1, 'notes')], 'notes', 'text');
      return timesOf(rounds(200_000, tokens), () => runAndWait(workflow, { notes: 'Ann ships the report.' }, tokens / 100));
    });
    await pace({ tokens: 5 });
    await sleep(Math.min(30_000, most));
    console.log(`| memory after the longest answer | – | – | – | – | – | ${memoryMb(portal.pid).toFixed(0)} |`);
  },
  prompts: () => library('prompts', [10, 100, 1_000, 10_000], i =>
    ask('POST', `${api}/prompts`, { name: `Grown prompt ${i}`, content: `Say it again, ${i}: {{ text }}` }, key)),
  versions: async () => {
    const prompt = await ask('POST', `${api}/prompts`, { name: 'Grown versions', content: 'Version 0 of {{ text }}' }, key);
    await library('versions of a prompt', [10, 100, 1_000], i =>
      ask('PUT', `${api}/prompts/${prompt.id}`, { name: 'Grown versions', content: `Version ${i} of {{ text }}` }, key));
  },
  workflows: () => library('workflows', [10, 100, 1_000, 10_000], i =>
    ask('POST', `${api}/workflows`, { name: `Grown workflow ${i}`, inputs: [{ name: 'notes', type: 'text', required: true }], steps: [step(1, 'notes')] }, key)),
  users: () => library('users', [10, 100, 1_000, 10_000], i =>
    ask('POST', `${api}/users`, { email: `grown${i}@example.org`, name: `Grown user ${i}`, role: 'viewer' }, key)),
  schedules: async () => {
    const owners = []; // a workflow can have 100 triggers
    await library('schedules', [10, 100, 1_000, 10_000], async i => {
      owners[Math.floor(i / 90)] ??= createWorkflow(`Schedules from ${i}`, [step(1, 'notes')], 'notes', 'text');
      const { id } = await owners[Math.floor(i / 90)];
      return ask('POST', `${api}/workflows/${id}/triggers`, { type: 'scheduled', schedule: { cron: '0 3 1 1 *', timeZone: 'UTC' }, inputs: { notes: 'x' } }, key);
    });
  },
  queue: async () => {
    const workflow = await createWorkflow('Queue', [step(1, 'notes')], 'notes', 'text', { limits: { maxConcurrentRuns: 1 } });
    await pace({ firstMs: 600_000 });
    await ask('POST', `${api}/workflows/${workflow.id}/runs`, { inputs: { notes: 'holds the slot' } }, key);
    await until(async () => { if (Number(await ask('GET', `${model}/calls`)) === 0) throw new Error('not called yet'); });
    await sleep(500);
    await pace({ firstMs: 0 });
    await library('queued runs of another workflow', [100, 1_000, 10_000, 100_000], i =>
      ask('POST', `${api}/workflows/${workflow.id}/runs`, { inputs: { notes: `Queued ${i}` } }, key));
  },
};
for (const [name, measure] of Object.entries(dimensions)) if (only === undefined || only.includes(name)) await measure();
process.exit(0);

/** One row a size. `measure` gives the CPU and wall time of one whole, which is divided by its size. */
async function grow(what, sizes, each, measure) {
  let before;
  for (const size of sizes.filter(size => size <= most)) {
    const whole = await measure(size);
    row(what, size, each, whole.cpu / size, whole.wall / size, before && 1 + Math.log(whole.cpu / size / (before.cpu / before.size)) / Math.log(size / before.size));
    before = { ...whole, size };
  }
}

/** Makes ever more of something. One row for what each new one costs, and one for a run of a chain beside all that are there. */
async function library(what, sizes, create) {
  let made = 0;
  const before = {};
  for (const size of sizes.filter(size => size <= most)) {
    const last = Math.min(50, size - made); // only the last ones are measured: at the size, not on the way to it
    while (made < size - last) await Promise.all(Array.from({ length: Math.min(16, size - last - made) }, () => create(made++)));
    await sleep(1_000);
    report('made', await timesOf(last, () => create(made++)));
    report('run beside them', await timesOf(200, runChain));
    function report(each, one) {
      const cpu = Math.max(one.cpu, 0.1);
      row(what, size, each, one.cpu, one.wall, before[each] && Math.log(cpu / before[each].cpu) / Math.log(size / before[each].size));
      before[each] = { cpu, size };
    }
  }
}

function row(what, size, each, cpu, wall, exponent) {
  console.log(`| ${what} | ${size.toLocaleString('en-US')} | ${each} | ${cpu.toPrecision(3)} | ${wall.toPrecision(3)} | ${exponent?.toFixed(2) ?? '–'} | ${memoryMb(portal.pid).toFixed(0)} |`);
}

function rounds(together, size) {
  return Math.max(3, Math.min(50, Math.floor(together / size)));
}

/** CPU time of the portal and wall time of one, in milliseconds; the mean of many. */
async function timesOf(times, one) {
  const [cpu, wall] = [cpuMs(portal.pid), performance.now()];
  for (let i = 0; i < times; i++) await one(i);
  return { cpu: (cpuMs(portal.pid) - cpu) / times, wall: (performance.now() - wall) / times };
}

function step(order, reads) {
  return { promptId: item.id, model: profile, inputMapping: { text: reads }, outputKey: `said${order}`, order };
}

async function createWorkflow(name, steps, input, type, limits = {}) {
  const made = await ask('POST', `${api}/workflows`, { name: `Bench: ${name}`, inputs: [{ name: input, type, required: true }], steps, ...limits }, key);
  await ask('POST', `${api}/workflows/${made.id}/publish`, {}, key);
  return made;
}

async function runChain(i) {
  const { status } = await ask('POST', `${portal.url}${chain.path}&fields=outputs`, { inputs: { notes: `Note ${i}` } }, key);
  if (status !== 'succeeded') throw new Error(`A run ended ${status}.`);
}

async function runAndWait(workflow, inputs, size) {
  const { id } = await ask('POST', `${api}/workflows/${workflow.id}/runs`, { inputs }, key);
  // Asked by the list of runs, which costs the same at each size.
  await until(async () => {
    const { items } = await ask('GET', `${api}/runs?limit=1&workflowId=${workflow.id}`, undefined, key);
    if (items[0]?.id !== id || items[0].finishedAt === undefined) throw new Error('It is not over.');
    if (items[0].status !== 'succeeded') { console.error(items[0]); process.exit(1); }
  }, Math.min(200, Math.max(5, size / 5)), 600_000);
}

function pace(wanted) {
  return ask('POST', `${model}/pace`, wanted);
}
