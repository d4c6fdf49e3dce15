// A mail server for tests: npm's smtp-server, told by one line of JSON on standard input, telling by lines of JSON on standard output. Ends with its input.
import { createInterface } from 'node:readline';
import { SMTPServer } from 'smtp-server';

const tell = fact => process.stdout.write(JSON.stringify(fact) + '\n');
const answer = ({ code, text }) => Object.assign(new Error(text), { responseCode: code });

let settings;
for await (const line of createInterface({ input: process.stdin })) {
  if (!settings) {
    settings = JSON.parse(line);
    start();
  }
}
process.exit(0);

function start() {
  const server = new SMTPServer({
    secure: settings.tls,
    key: settings.key,
    cert: settings.certificate,
    disableReverseLookup: true,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth({ username, password }, session, done) {
      tell({ signIn: username, secure: session.secure });
      done(username === settings.user && password === settings.password ? null : answer({ code: 535, text: `5.7.8 ${password} is not the password` }), { user: username });
    },
    onRcptTo(_address, _session, done) {
      const next = settings.recipientAnswers.shift();
      done(next ? answer(next) : null);
    },
    onData(stream, session, done) {
      const parts = [];
      stream.on('data', part => parts.push(part));
      stream.on('end', () => {
        tell({ mail: Buffer.concat(parts).toString('base64'), from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map(to => to.address), secure: session.secure, user: session.user });
        done(null, 'taken as 42');
      });
    },
  });
  server.on('error', error => tell({ error: error.message }));
  server.listen(0, '127.0.0.1', () => tell({ port: server.server.address().port }));
}
