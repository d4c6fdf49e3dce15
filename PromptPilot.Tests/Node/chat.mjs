// Clients of chat completions that others wrote, against the portal. One line of JSON on standard input says what to do; lines of JSON on
// standard output say what came.
import { createInterface } from 'node:readline';
import OpenAI from 'openai';
import { ChatOpenAI } from '@langchain/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';

const tell = fact => process.stdout.write(JSON.stringify(fact) + '\n');
const { baseURL, key, models, wrong } = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const openai = apiKey => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const failed = async (client, what, call) => {
  try {
    await call();
    tell({ client, what, error: null });
  } catch (error) {
    tell({ client, what, error: error.constructor.name, status: error.status ?? error.statusCode, message: error.message, code: error.code });
  }
};

const list = await openai(key).models.list();
tell({ client: 'openai', what: 'list', ids: list.data.map(model => model.id) });
for (const model of models) {
  tell({ client: 'openai', what: 'retrieve', model, id: (await openai(key).models.retrieve(model)).id });
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }];
  const whole = await openai(key).chat.completions.create({ model, messages });
  tell({ client: 'openai', what: 'whole', model, text: whole.choices[0].message.content, finish: whole.choices[0].finish_reason, usage: whole.usage.total_tokens });
  const stream = openai(key).chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
  let pieces = 0;
  for await (const chunk of stream) pieces += chunk.choices[0]?.delta?.content ? 1 : 0;
  const streamed = await stream.finalChatCompletion();
  tell({ client: 'openai', what: 'stream', model, pieces, text: streamed.choices[0].message.content, finish: streamed.choices[0].finish_reason, usage: streamed.usage?.total_tokens });

  const chain = new ChatOpenAI({ model, apiKey: key, configuration: { baseURL }, streamUsage: true, maxRetries: 0 });
  const invoked = await chain.invoke('Hello there');
  tell({ client: 'langchain', what: 'whole', model, text: invoked.content, usage: invoked.usage_metadata?.total_tokens });
  let joined;
  for await (const chunk of await chain.stream('Hello there')) joined = joined ? joined.concat(chunk) : chunk;
  tell({ client: 'langchain', what: 'stream', model, text: joined.content, usage: joined.usage_metadata?.total_tokens });

  const provider = createOpenAICompatible({ name: 'portal', baseURL, apiKey: key, includeUsage: true });
  const generated = await generateText({ model: provider(model), prompt: 'Hello there', maxRetries: 0 });
  tell({ client: 'ai', what: 'whole', model, text: generated.text, finish: generated.finishReason, usage: generated.usage.totalTokens });
  const flow = streamText({ model: provider(model), prompt: 'Hello there', maxRetries: 0 });
  tell({ client: 'ai', what: 'stream', model, text: await flow.text, finish: await flow.finishReason, usage: (await flow.usage).totalTokens });
}
const messages = [{ role: 'user', content: 'x' }];
await failed('openai', 'wrong key', () => openai(wrong).models.list());
await failed('openai', 'no such model', () => openai(key).chat.completions.create({ model: 'prompt/none', messages }));
await failed('openai', 'tools', () => openai(key).chat.completions.create({ model: models[0], messages, tools: [{ type: 'function', function: { name: 'x' } }] }));
await failed('openai', 'error in the middle', async () => {
  for await (const _ of await openai(key).chat.completions.create({ model: models[0], messages: [{ role: 'user', content: 'break' }], stream: true }));
});
await failed('langchain', 'wrong key', () => new ChatOpenAI({ model: models[0], apiKey: wrong, configuration: { baseURL }, maxRetries: 0 }).invoke('x'));
process.exit(0);
