// Judges values by schemas with Ajv. One line of JSON on standard input has the cases; each is answered by a line on standard output.
import { createInterface } from 'node:readline';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { registerSchema, validate as hyperjump } from '@hyperjump/json-schema/draft-2020-12';

const { cases } = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const options = { strict: false, logger: false };
const isOlder = schema => /draft-0[67]/.test(schema.$schema ?? '') || JSON.stringify(schema).includes('"items":[');
const make = kind => {
  const ajv = new kind(options);
  addFormats(ajv);
  return ajv;
};
// A new one reads all meta-schemas, which takes longer than most cases. Only schemas with ids need it: an id is taken once.
const shared = new Map([Ajv, Ajv2020].map(kind => [kind, make(kind)]));
// Ajv departs from the standard in these: "contains" counts as having looked at all items, and so do parts of "anyOf" and "oneOf" that do
// not match. So Hyperjump's validator is the judge there. It takes formats as comments.
const isDoubtful = text => /"(contains|unevaluated\w+)":/.test(text) && !text.includes('"format":');
let number = 0;
const judgeOf = async (schema, kind, text) => {
  if (kind === Ajv2020 && isDoubtful(text)) {
    const id = `https://example.org/${number++}`;
    registerSchema(schema, id, 'https://json-schema.org/draft/2020-12/schema');
    const validate = await hyperjump(id);
    return value => validate(value).valid;
  }
  const ajv = text.includes('"$id"') ? make(kind) : shared.get(kind);
  return ajv.compile(schema);
};
for (const { schema, values } of cases) {
  const judge = await judgeOf(schema, isOlder(schema) ? Ajv : Ajv2020, JSON.stringify(schema));
  process.stdout.write(JSON.stringify({ verdicts: values.map(value => judge(value)) }) + '\n');
}
// Open, it keeps the process.
process.stdin.destroy();
