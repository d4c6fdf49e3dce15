// The CPU time of telemetry: two published portals, one with OTLP to a sink on loopback, get the same chain from 16 callers in turns.
// node bench/telemetry.mjs FOLDER PROGRAM
import http from 'node:http';
import path from 'node:path';
import { ask, cpuMs, createChain, freePort, key, start, startPortal, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const rounds = Number(process.env.BENCH_ROUNDS ?? 6);
const seconds = Number(process.env.BENCH_SECONDS ?? 6);

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));
let received = 0;
const sink = http.createServer((request, response) => {
  request.on('data', part => (received += part.length));
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
await new Promise(done => sink.listen(0, '127.0.0.1', done));
const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.address().port}`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
const portals = {
  off: await startPortal(program, path.join(folder, 'off')),
  on: await startPortal(program, path.join(folder, 'on'), otlp),
  'one trace in a hundred': await startPortal(program, path.join(folder, 'ratio'), { ...otlp, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }),
};
for (const portal of Object.values(portals)) portal.run = (await createChain(portal, model)).path;
for (const portal of Object.values(portals)) await load(portal, 8);
const figures = Object.fromEntries(Object.keys(portals).map(name => [name, []]));
for (let i = 0; i < rounds; i++) for (const [name, portal] of Object.entries(portals)) figures[name].push(await load(portal, seconds));

console.log('| telemetry | CPU ms a run | ÷ off, median of rounds (all) | runs/s |\n| --- | --- | --- | --- |');
for (const [name, list] of Object.entries(figures)) {
  const ratios = list.map((one, i) => one.cpu / figures.off[i].cpu);
  console.log(`| ${name} | ${middle(list.map(one => one.cpu)).toFixed(3)} | ${middle(ratios).toFixed(3)} (${ratios.map(ratio => ratio.toFixed(2)).join(', ')}) | ${middle(list.map(one => one.rate)).toFixed(0)} |`);
}
console.log(`\nreceived ${(received / 1024 / 1024).toFixed(1)} MB of telemetry`);
process.exit(0);

function middle(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/** 16 callers, each with its next run as soon as it has its answer. */
async function load(portal, seconds) {
  const [end, cpu, begin] = [performance.now() + seconds * 1000, cpuMs(portal.pid), performance.now()];
  let runs = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < end) {
        const run = await ask('POST', portal.url + portal.run, { inputs: { notes: 'Ann ships the report.' } }, key);
        if (run.status !== 'succeeded') throw new Error(JSON.stringify(run).slice(0, 300));
        runs++;
      }
    }),
  );
  return { cpu: (cpuMs(portal.pid) - cpu) / runs, rate: (runs / (performance.now() - begin)) * 1000 };
}
