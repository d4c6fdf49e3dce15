// A model that speaks OpenAI's streaming chat protocol on loopback. Environment: PORT. POST /pace {firstMs, tokenMs, tokens} sets how fast it is.
import http from 'node:http';
import { answerWords } from './chain.mjs';

let pace = { firstMs: 0, tokenMs: 0, tokens: 50 };
let calls = 0;

const server = http.createServer(async (request, response) => {
  const body = await text(request);
  if (request.url === '/pace') {
    pace = { ...pace, ...JSON.parse(body) };
    return response.end(JSON.stringify(pace));
  }
  if (request.url === '/calls') return response.end(String(calls));
  if (request.method !== 'POST' || !request.url.endsWith('/chat/completions')) return response.writeHead(404).end();
  calls++;
  stream(JSON.parse(body), response);
});

function stream(asked, response) {
  const { firstMs, tokenMs, tokens } = pace;
  const words = answerWords(asked.messages.at(-1).content, tokens);
  const head = `{"id":"chatcmpl-${calls}","object":"chat.completion.chunk","created":1700000000,"model":${JSON.stringify(asked.model)},"choices":`;
  const send = (choices, tail = '') => response.write(`data: ${head}${choices}${tail}}\n\n`);
  const token = i => send(`[{"index":0,"delta":{${i === 0 ? '"role":"assistant",' : ''}"content":${JSON.stringify((i > 0 ? ' ' : '') + words[i])}},"finish_reason":null}]`);
  const end = () => {
    send('[{"index":0,"delta":{},"finish_reason":"stop"}]');
    if (asked.stream_options?.include_usage) send('[]', `,"usage":{"prompt_tokens":100,"completion_tokens":${tokens},"total_tokens":${100 + tokens}}`);
    response.end('data: [DONE]\n\n');
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (firstMs === 0 && tokenMs === 0) {
    for (let i = 0; i < tokens; i++) token(i);
    return end();
  }
  // Against the clock, so that late timers do not add up.
  const start = performance.now() + firstMs;
  const next = i => {
    if (i === tokens) return end();
    token(i);
    setTimeout(next, Math.max(0, start + (i + 1) * tokenMs - performance.now()), i + 1);
  };
  setTimeout(next, firstMs, 0);
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.PORT), '127.0.0.1', 4096);
