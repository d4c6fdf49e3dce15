// What the measurements share: servers that end with the script, requests, and figures of a process.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { prompts } from './chain.mjs';

export const key = 'bench-key-0123456789-0123456789';
export const admin = { email: 'admin@example.org', password: 'a long password for the bench 1' };
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const children = [];
process.on('exit', () => children.forEach(child => child.kill('SIGKILL')));

/** A published portal in `program`, with its data in `data`. */
export async function startPortal(program, data, more = {}) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return startServer(url, path.join(program, 'PromptPilot.Web.dll'), [], {
    Urls: url,
    PromptPilot__DataDirectory: data,
    PromptPilot__Setup__AdminEmail: admin.email,
    PromptPilot__Setup__AdminPassword: admin.password,
    PromptPilot__Setup__ApiKey: key,
    ...more,
  });
}

export async function startServer(url, program, args, environment) {
  const begin = performance.now();
  const child = start('dotnet', [program, ...args], environment);
  await until(() => ask('GET', `${url}/health/ready`), 10, 180_000);
  return { url, child, pid: child.pid, readyMs: performance.now() - begin };
}

export function start(command, args, environment) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  return child;
}

export async function stop({ child }) {
  const ended = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

export function ask(method, url, body, bearer) {
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

export async function until(attempt, intervalMs = 50, limitMs = 30_000) {
  const begin = performance.now();
  for (;;) {
    try { return await attempt(); } catch (error) { if (performance.now() - begin > limitMs) throw error; }
    await sleep(intervalMs);
  }
}

export function sleep(ms) {
  return new Promise(done => setTimeout(done, ms));
}

export function freePort() {
  return new Promise(done => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
  });
}

/** User and system time of a process so far (Linux; a clock tick is 10 ms). */
export function cpuMs(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function memoryMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** A published workflow of three chained prompts. Names get `suffix`; the profile of an earlier one can be used again. */
export async function createChain({ url }, model, suffix = '', profile = undefined) {
  const api = `${url}/api/v1`;
  profile ??= await ask('POST', `${api}/model-profiles`, {
    name: 'Bench model', provider: 'openai-compatible', endpoint: `${model}/v1`, model: 'fake-1', apiKey: 'none', parameters: { temperature: 0.2, maxTokens: 1024 },
  }, key);
  const steps = [];
  let reads = 'notes';
  for (const [index, prompt] of prompts.entries()) {
    const made = await ask('POST', `${api}/prompts`, { name: `Bench ${prompt.name}${suffix}`, content: `${prompt.text}{{ ${prompt.variable} }}` }, key);
    steps.push({ promptId: made.id, model: profile.id, inputMapping: { [prompt.variable]: reads }, outputKey: prompt.name, order: index + 1 });
    reads = prompt.name;
  }
  const workflow = await ask('POST', `${api}/workflows`, { name: `Bench chain${suffix}`, inputs: [{ name: 'notes', type: 'text', required: true }], steps }, key);
  await ask('POST', `${api}/workflows/${workflow.id}/publish`, {}, key);
  return { path: `/api/v1/workflows/${workflow.id}/runs?wait=60`, workflow, profile };
}

/** The cookie of the admin. */
export async function signIn(portal) {
  const address = `${portal.url}/account/sign-in`;
  const form = await get(address);
  const field = name => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(form.text)[1];
  const body = new URLSearchParams({ _handler: 'sign-in', __RequestVerificationToken: field('__RequestVerificationToken'), 'Form.Email': admin.email, 'Form.Password': admin.password });
  const answer = await get(address, { cookie: cookies(form), 'content-type': 'application/x-www-form-urlencoded' }, String(body));
  if (answer.status !== 302) throw new Error(`Signing in answered ${answer.status}`);
  return cookies(answer);
}

function cookies(answer) {
  return (answer.headers['set-cookie'] ?? []).map(line => line.split(';')[0]).join('; ');
}

/** A page as a browser asks for it: a form is posted when there is a body. */
export function get(url, headers = {}, body = undefined) {
  return new Promise((done, fail) => {
    const request = http.request(url, { method: body === undefined ? 'GET' : 'POST', headers }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', part => (text += part));
      response.on('end', () => (response.statusCode >= 400 ? fail(new Error(`${url}: ${response.statusCode}`)) : done({ status: response.statusCode, headers: response.headers, text })));
    });
    request.on('error', fail);
    request.end(body);
  });
}
