// Makes a portal with a file as after years of use and asks it for every list, search and page; prints p50 and p95 of each, and fails above the limit.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ask, createChain, freePort, get, key, signIn, start, startPortal, stop, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const runs = Number(process.env.GROWN_RUNS ?? 333_000);
const limitMs = Number(process.env.GROWN_LIMIT_MS ?? 100);
const rounds = 30;
const data = path.join(folder, 'data');

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));

let portal = await startPortal(program, data);
await prepare();
await stop(portal);
const seeded = spawnSync('dotnet', [path.join(folder, 'grown', 'Grown.dll'), path.join(data, 'promptpilot.db'), String(runs)], { stdio: 'inherit' });
if (seeded.status !== 0) process.exit(2);

portal = await startPortal(program, data);
const api = `${portal.url}/api/v1`;
const [newest] = (await ask('GET', `${api}/runs?limit=1`, undefined, key)).items;
const run = await ask('GET', `${api}/runs/${newest.id}`, undefined, key);
const [prompt] = (await ask('GET', `${api}/prompts?limit=1`, undefined, key)).items;
const [profile] = (await ask('GET', `${api}/model-profiles`, undefined, key)).items;
const rated = (await ask('GET', `${api}/feedback?limit=1`, undefined, key)).items[0].promptId;
const cookie = await signIn(portal);
await counted();
const routes = [
  '/runs', '/runs?limit=200', '/runs?status=failed', '/runs?status=succeeded', '/runs?status=cancelled', '/runs?triggerKind=webhook', '/runs?triggerKind=scheduled', '/runs?triggerKind=manual',
  '/runs?pinned=true', '/runs?isDraft=true', `/runs?workflowId=${newest.workflowId}`, `/runs?workflowId=${newest.workflowId}&status=failed`, `/runs?startedBy=${run.startedBy}`,
  '/runs?text=chain', '/runs?text=nothing-has-this-name', `/runs?text=${newest.id}`, `/runs?from=${day(200)}&to=${day(190)}`, `/runs/${newest.id}`,
  '/execution-logs', '/execution-logs?status=error', '/execution-logs?status=success', `/execution-logs?promptId=${prompt.id}`, `/execution-logs?promptId=${prompt.id}&status=error`,
  `/execution-logs?workflowId=${newest.workflowId}`, `/execution-logs?workflowId=${newest.workflowId}&status=error`, `/execution-logs?runId=${newest.id}`,
  '/prompts', '/prompts?sort=rating', '/prompts?sort=use', '/prompts?sort=updated', '/prompts?text=bench', `/prompts/${prompt.id}`, `/prompts/${prompt.id}/versions`,
  '/workflows', `/workflows/${newest.workflowId}`, '/model-profiles', '/insights', '/insights?groupBy=person&compare=true', `/insights?unit=hour&from=${day(14)}&compare=true`,
  `/insights?from=${day(365)}`, `/insights?from=${day(365)}&compare=true`, `/insights?from=${day(365)}&groupBy=promptVersion`, `/insights?from=${day(365)}&groupBy=promptVersion&compare=true`, `/insights?from=${day(365)}&groupBy=promptVersion&unit=day`, `/insights?from=${day(92)}&groupBy=promptVersion`, `/insights?from=${day(365)}&groupBy=model&workflowId=${newest.workflowId}`, '/feedback', '/feedback?limit=200', '/feedback?maxRating=2', `/feedback?promptId=${prompt.id}`, `/feedback?workflowId=${newest.workflowId}&maxRating=2`, `/feedback?modelProfileId=${profile.id}`, '/feedback?tag=tone', '/feedback?tag=no-such-tag', '/feedback?hasCorrection=true', `/feedback?userId=${run.startedBy}`, `/feedback/summary?promptId=${rated}`, `/feedback/summary?promptId=${rated}&days=30`,
  '/users', `/workflows/${newest.workflowId}/integration-hooks`, `/workflows/${newest.workflowId}/triggers`,
];
const pages = [
  '/', '/runs', '/runs?status=failed', '/runs?trigger=webhook', `/runs/${newest.id}`, '/prompts', '/prompts?sort=rating', `/prompts/${prompt.id}`, '/workflows', `/workflows/${newest.workflowId}`,
  `/workflows/${newest.workflowId}/edit`, `/workflows/${newest.workflowId}/run`, '/triggers', '/integrations', '/insights', '/insights?range=1y', '/insights?range=90d&group=PromptVersion', `/insights?from=${day(365).slice(0, 10)}&group=PromptVersion`, `/insights?from=${day(365).slice(0, 10)}&unit=Day`, '/feedback', `/feedback?workflow=${newest.workflowId}`, '/feedback?source=Playground', '/feedback?source=Experiments', '/feedback/ratings', '/feedback/ratings?max=2', `/feedback/ratings?max=2&prompt=${rated}`, '/notifications', '/audit', '/users', '/admin/model-profiles', `/admin/model-profiles/${profile.id}`, '/admin/storage',
];
let slow = 0;
console.log('| route or page | p50 ms | p95 ms |\n| --- | --- | --- |');
for (const route of routes) await measure(route, () => ask('GET', api + route, undefined, key));
for (const page of pages) await measure(`page ${page}`, () => get(portal.url + page, { cookie }));
console.log(`${runs} runs; limit ${limitMs} ms at p95: ${slow === 0 ? 'kept by all' : `missed by ${slow}`}`);
process.exit(slow === 0 ? 0 : 1);

/** Twenty workflows with a few runs each, some of them rated, for the copies. */
async function prepare() {
  let profileMade;
  for (let i = 1; i <= 20; i++) {
    const chain = await createChain(portal, model, ` ${i}`, profileMade);
    profileMade = chain.profile;
    for (let j = 1; j <= 5; j++) {
      const ended = await ask('POST', portal.url + chain.path, { inputs: { notes: `Note ${j} of workflow ${i}: Ann ships the report on Friday.`.repeat(8) } }, key);
      if (ended.status !== 'succeeded') throw new Error(`A run ended ${ended.status}`);
      const log = ended.steps[0].logs[0];
      if (i % 3 === 0 && j === 1) await ask('PUT', `${portal.url}/api/v1/execution-logs/${log.id}/feedback`, { rating: 4, comment: `Good, ${i}`, tags: ['tone'] }, key);
    }
  }
}

/** Waits until the sums of the whole history are there. */
async function counted() {
  const begin = performance.now();
  await until(async () => {
    if ((await ask('GET', `${api}/insights`, undefined, key)).counted < 1) throw new Error('still counting');
  }, 1000, 900_000);
  console.log(`History counted in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

async function measure(name, send) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const begin = performance.now();
    await send();
    if (i >= 3) times.push(performance.now() - begin); // the first ones compile and fill the caches
  }
  times.sort((a, b) => a - b);
  const [p50, p95] = [0.5, 0.95].map(q => times[Math.floor(times.length * q)]);
  if (p95 > limitMs) slow++;
  console.log(`| ${name.replaceAll(/[0-9a-f-]{36}/g, 'ID')} | ${p50.toFixed(1)} | ${p95.toFixed(1)}${p95 > limitMs ? ' **slow**' : ''} |`);
}

function day(ago) {
  return new Date(Date.now() - ago * 86_400_000).toISOString();
}
