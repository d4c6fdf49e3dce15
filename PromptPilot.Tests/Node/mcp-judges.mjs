// The judges of MCP's own authors, against the portal: the conformance suite or the inspector's command line. One line of JSON on standard
// input says which and where; lines of JSON on standard output say what came.
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const tell = fact => process.stdout.write(JSON.stringify(fact) + '\n');
const here = name => fileURLToPath(new URL(name, import.meta.url));
const { judge, url, key, calls } = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);

const run = args =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
    const parts = [];
    const errors = [];
    child.stdout.on('data', part => parts.push(part));
    child.stderr.on('data', part => errors.push(part));
    child.on('error', fail);
    child.on('close', code => done({ code, text: Buffer.concat(parts).toString(), errors: Buffer.concat(errors).toString() }));
  });

// The suite cannot send a key, so a proxy adds it.
const proxy = createServer((asked, answer) => {
  const headers = { ...asked.headers, authorization: `Bearer ${key}` };
  const sent = request(new URL(asked.url, url), { method: asked.method, headers }, got => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  asked.pipe(sent);
});

if (judge === 'conformance') {
  await new Promise(done => proxy.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${proxy.address().port}${new URL(url).pathname}`;
  const suite = here('node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const result = await run([suite, 'server', '--url', address, '--expected-failures', here('mcp-conformance.yaml')]);
  tell({ what: 'passed', result: [...result.text.matchAll(/^✓ ([\w-]+): /gm)].map(found => found[1]) });
  tell({ what: 'summary', result: result.text.slice(result.text.indexOf('=== SUMMARY')) + result.errors });
  tell({ what: 'code', result: result.code });
} else {
  const inspector = here('node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  for (const call of calls) {
    const result = await run([inspector, '--cli', url, '--transport', 'http', '--header', `Authorization: Bearer ${key}`, ...call]);
    tell({ what: call.join(' '), code: result.code, text: result.text, errors: result.errors });
  }
}
process.exit(0);
