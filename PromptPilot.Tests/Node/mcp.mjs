// An MCP client that others wrote, against the portal. One line of JSON on standard input says what to do; lines of JSON on standard output
// say what came.
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const tell = fact => process.stdout.write(JSON.stringify(fact) + '\n');
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await input.next()).value);
const { url, key, wrong, tool, slow, review, prompt } = await next();
const connect = async (apiKey, headers = {}) => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${apiKey}`, ...headers } } }));
  return client;
};
const attempt = async (what, call) => {
  try {
    tell({ what, result: await call() });
  } catch (error) {
    tell({ what, error: error.message, code: error.code });
  }
};

const client = await connect(key);
tell({ what: 'server', result: client.getServerVersion() });
await attempt('tools', async () => (await client.listTools()).tools);
const progress = [];
await attempt('call', () => client.callTool({ name: tool, arguments: { text: 'Hello' } }, undefined, { onprogress: fact => progress.push(fact) }));
tell({ what: 'progress', result: progress });
await attempt('wrong type', () => client.callTool({ name: tool, arguments: { text: 5 } }));
await attempt('missing', () => client.callTool({ name: tool, arguments: {} }));
await attempt('unknown', () => client.callTool({ name: tool, arguments: { text: 'x', texts: 'y' } }));
await attempt('no such tool', () => client.callTool({ name: 'nothing', arguments: {} }));
await attempt('review', () => client.callTool({ name: review, arguments: { text: 'x' } }));
await attempt('no such run', () => client.callTool({ name: 'get_run', arguments: { run_id: 'none' } }));
const stop = new AbortController();
const running = attempt('cancel', () => client.callTool({ name: slow, arguments: { text: 'x' } }, undefined, { signal: stop.signal }));
tell({ what: 'running' });
await next();
stop.abort();
await running;
await attempt('prompts', async () => (await client.listPrompts()).prompts);
await attempt('prompt', () => client.getPrompt({ name: prompt, arguments: { ticket: 'It broke' } }));
await attempt('prompt without a value', () => client.getPrompt({ name: prompt, arguments: {} }));
await attempt('wrong key', () => connect(wrong));
await attempt('other origin', () => connect(key, { Origin: 'https://evil.example' }));
await next();
await attempt('revoked', () => client.listTools());
tell({ what: 'end' });
process.exit(0);
