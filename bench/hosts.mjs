// Runs of three calls on one host with SQLite, one with PostgreSQL, and one or two with PostgreSQL and a core each, in turns. Then what idle hosts cost the database.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expectedAnswer, prompts } from './chain.mjs';
import { ask, cpuMs, createChain, freePort, key, sleep, start, startPortal, stop, until } from './servers.mjs';

const [folder, program] = process.argv.slice(2);
const scale = Number(process.env.BENCH_SCALE ?? 1);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const callers = 16;
const tokens = 50;
const server = process.env.BENCH_POSTGRES;
const part = name => new RegExp(`${name}=([^;]*)`, 'i').exec(server)?.[1];

const modelPort = await freePort();
start('node', [path.join(import.meta.dirname, 'fake-model.mjs')], { PORT: modelPort });
const model = `http://127.0.0.1:${modelPort}`;
await until(() => ask('GET', `${model}/calls`));
await ask('POST', `${model}/pace`, { firstMs: 0, tokenMs: 0, tokens });

const databases = ['bench_one', 'bench_two'].map(name => `${name}_${process.pid}`);
databases.forEach(name => sql('postgres', `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`));
process.on('exit', () => databases.forEach(name => sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));

const postgres = name => ({ PromptPilot__Database__Postgres: `${server};Database=${name}` });
const several = { ...postgres(databases[1]), PromptPilot__Database__SeveralHosts: 'true' };
const sqlite = await host('sqlite', {});
const one = await host('one', postgres(databases[0]));
const first = await host('first', several, 0);
const second = await host('second', several, 1);
const shared = await chain(first);
const targets = {
  'one host, SQLite': { hosts: [sqlite], path: await chain(sqlite) },
  'one host, PostgreSQL': { hosts: [one], path: await chain(one), database: databases[0] },
  'one host on one core, PostgreSQL': { hosts: [first], path: shared, database: databases[1] },
  'two hosts on a core each, PostgreSQL': { hosts: [first, second], path: shared, database: databases[1] },
};
for (const target of Object.values(targets)) await load(target, 6 * scale); // until the runtime has compiled what is hot
const results = Object.fromEntries(Object.keys(targets).map(name => [name, []]));
for (let i = 0; i < rounds; i++) {
  for (const [name, target] of Object.entries(targets)) results[name].push(await load(target, 6 * scale));
}

console.log(`${os.cpus().length} cores, ${callers} callers, chain of three streaming calls of ${tokens} tokens, medians of ${rounds} rounds in turns`);
row('', 'runs/s', 'p95 ms', 'CPU ms a run: hosts', 'CPU ms a run: PostgreSQL', 'commits a run', 'WAL KB a run');
row('---', '---', '---', '---', '---', '---', '---');
for (const [name, list] of Object.entries(results)) {
  const figure = (of, digits) => (Number.isNaN(list[0][of]) ? '–' : middle(list.map(result => result[of])).toFixed(digits));
  row(name, figure('rate', 0), figure('p95', 0), figure('cpu', 2), figure('database', 2), figure('commits', 1), figure('wal', 1));
}

console.log();
row('idle', 'commits/s', 'CPU ms/s of PostgreSQL', 'CPU ms/s of a host', 'connections');
row('---', '---', '---', '---', '---');
await rest('two hosts', [first, second]);
await stop(second);
await rest('one of them', [first]);
process.exit(0);

async function host(name, environment, core) {
  const data = path.join(folder, `data-${name}`);
  fs.mkdirSync(data);
  const portal = await startPortal(program, data, { PromptPilot__Setup__SampleWorkspace: 'false', ...environment });
  // Threads of the runtime too.
  if (core !== undefined && os.cpus().length > 1) execFileSync('taskset', ['-a', '-p', '-c', String(core), String(portal.pid)], { stdio: 'ignore' });
  return portal;
}

async function chain(portal) {
  return (await createChain(portal, model)).path;
}

/** A fixed number of callers, shared by the hosts. Any wrong answer ends the measurement. */
async function load({ hosts, path: runPath, database }, seconds) {
  const times = [];
  const before = costs(hosts, database);
  const begin = performance.now();
  const caller = async number => {
    const portal = hosts[number % hosts.length];
    for (let i = 0; performance.now() - begin < seconds * 1000; i++) {
      const notes = `Ann ships the report on Friday. Bob books the room. Note ${number}.${i} of ${begin}.`;
      const sent = performance.now();
      const run = await ask('POST', portal.url + runPath, { inputs: { notes } }, key);
      times.push(performance.now() - sent);
      if (run.status !== 'succeeded' || run.outputs[prompts.at(-1).name] !== expectedAnswer(notes, tokens)) throw new Error(`Wrong answer: ${JSON.stringify(run)}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const elapsed = performance.now() - begin;
  const after = costs(hosts, database);
  times.sort((a, b) => a - b);
  const each = figure => (after[figure] - before[figure]) / times.length;
  return { rate: times.length / (elapsed / 1000), p95: times[Math.floor(times.length * 0.95)], cpu: each('cpu'), database: each('database'), commits: each('commits'), wal: each('wal') / 1024 };
}

async function rest(name, hosts) {
  await sleep(3000);
  const seconds = 10 * scale;
  const before = costs(hosts, databases[1]);
  await sleep(seconds * 1000);
  const after = costs(hosts, databases[1]);
  const each = (figure, by = 1) => ((after[figure] - before[figure]) / seconds / by).toFixed(1);
  row(name, each('commits'), each('database'), each('cpu', hosts.length), sql(databases[1], `SELECT count(*) FROM pg_stat_activity WHERE datname = '${databases[1]}'`) - 1);
}

function costs(hosts, database) {
  const cpu = hosts.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
  if (!database) return { cpu, database: NaN, commits: NaN, wal: NaN };
  const [commits, wal] = sql(database, `SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') FROM pg_stat_database WHERE datname = '${database}'`).split('|').map(Number);
  return { cpu, database: postgresCpu(), commits, wal };
}

/** The server's process that the bench started, and its children. Of another server, all processes of PostgreSQL on this machine. */
function postgresCpu() {
  const parent = process.env.BENCH_POSTGRES_PID;
  const isPart = pid => parent ? pid === parent || parentOf(pid) === parent : fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  return fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).reduce((sum, pid) => {
    try { return isPart(pid) ? sum + cpuMs(pid) : sum; } catch { return sum; }
  }, 0);
}

function parentOf(pid) {
  return /^PPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

function sql(database, text) {
  return execFileSync('psql', ['-h', part('Host'), '-p', part('Port'), '-U', part('Username'), '-d', database, '-At', '-c', text], { env: { ...process.env, PGPASSWORD: part('Password') ?? '' } }).toString().trim();
}

function middle(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
