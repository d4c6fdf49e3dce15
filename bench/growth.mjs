// Runs a workflow over ever longer lists and prints what an item costs at each length, and the exponent between two lengths: 1 is linear.
import path from 'node:path';
import { ask, cpuMs, freePort, key, memoryMb, sleep, start, startPortal, until } from './servers.mjs';

const [folder, program = path.join(folder, 'portal')] = process.argv.slice(2);
const most = Number(process.env.GROWTH_MOST ?? 10_000);
const lengths = [10, 100, 1_000, 10_000].filter(length => length <= most);

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));
await ask('POST', `${model}/pace`, { firstMs: 0, tokenMs: 0, tokens: 5 });

const portal = await startPortal(program, path.join(folder, 'growth-data'));
const api = `${portal.url}/api/v1`;
const workflow = await createList();
for (let i = 0; i < 20; i++) await run(100); // until the runtime has compiled what is hot

console.log('| items of a list | runs | CPU ms an item | wall ms an item | exponent of CPU | memory MB after |\n| --- | --- | --- | --- | --- | --- |');
let before;
for (const length of lengths) {
  const rounds = Math.max(3, Math.min(50, Math.floor(2_000 / length)));
  const [cpu, wall] = [cpuMs(portal.pid), performance.now()];
  for (let i = 0; i < rounds; i++) await run(length);
  const perRun = { cpu: (cpuMs(portal.pid) - cpu) / rounds, wall: (performance.now() - wall) / rounds };
  const exponent = before && Math.log(perRun.cpu / before.cpu) / Math.log(length / before.length);
  console.log(`| ${length} | ${rounds} | ${(perRun.cpu / length).toFixed(2)} | ${(perRun.wall / length).toFixed(2)} | ${exponent?.toFixed(2) ?? '–'} | ${memoryMb(portal.pid).toFixed(0)} |`);
  before = { ...perRun, length };
}

await sleep(30_000);
console.log(`memory half a minute later: ${memoryMb(portal.pid).toFixed(0)} MB`);
process.exit(0);

/** A workflow of one step, once for each item of its input. */
async function createList() {
  const profile = await ask('POST', `${api}/model-profiles`, {
    name: 'Bench model', provider: 'openai-compatible', endpoint: `${model}/v1`, model: 'fake-1', apiKey: 'none', parameters: { maxTokens: 1024 },
  }, key);
  const prompt = await ask('POST', `${api}/prompts`, { name: 'Bench item', content: 'Say it again: {{ text }}' }, key);
  const made = await ask('POST', `${api}/workflows`, {
    name: 'Bench list',
    inputs: [{ name: 'list', type: 'json', required: true }],
    steps: [{ promptId: prompt.id, model: profile.id, inputMapping: { text: 'item' }, outputKey: 'said', order: 1, forEach: "list", maxParallelItems: 4 }],
  }, key);
  await ask('POST', `${api}/workflows/${made.id}/publish`, {}, key);
  return made;
}

async function run(length) {
  const list = Array.from({ length }, (_, i) => `Item ${i}`);
  const { id } = await ask('POST', `${api}/workflows/${workflow.id}/runs`, { inputs: { list } }, key);
  // Asked by the list of runs, which costs the same at each length.
  await until(async () => {
    const { items } = await ask('GET', `${api}/runs?limit=1`, undefined, key);
    if (items[0].id !== id || items[0].finishedAt === undefined) throw new Error('It is not over.');
    if (items[0].status !== 'succeeded') { console.error(items[0]); process.exit(1); }
  }, Math.min(200, Math.max(5, length / 5)), 600_000);
}
