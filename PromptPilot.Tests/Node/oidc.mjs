// A third-party OpenID Connect provider: npm's oidc-provider. The first line of JSON on standard input sets its client; later ones set who
// signs in next, or how a token is forged. Each is answered by a line on standard output.
import { createInterface } from 'node:readline';
import { createServer } from 'node:http';
import { generateKeyPair, exportJWK, importJWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

// Standard output is for answers only.
console.log = console.info = console.warn = console.error;
const tell = fact => process.stdout.write(JSON.stringify(fact) + '\n');
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = JSON.parse((await input.next()).value);
const scopes = 'openid profile email offline_access';
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: 'test', use: 'sig', alg: 'RS256' };
const stranger = (await generateKeyPair('RS256')).privateKey;
const kids = ['test', 'next'];
const open = ({ kty, n, e }) => ({ kty, n, e });
let accounts = {};
let current = null;
let forged = null;
let nonce = null;
let nextKey = null;

const server = createServer((request, response) => answer(request, response));
await new Promise(listening => server.listen(settings.port ?? 0, '127.0.0.1', listening));
const issuer = `http://localhost:${server.address().port}`;
const provider = new Provider(issuer, {
  jwks: { keys: [jwk] },
  clients: [
    {
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      redirect_uris: [settings.redirectUri],
      post_logout_redirect_uris: [settings.signedOutUri],
      backchannel_logout_uri: settings.logoutUri,
      backchannel_logout_session_required: true,
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
  cookies: { keys: ['not a secret'] },
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  // The provider's own fetch refuses local addresses.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  findAccount: (_context, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope(scopes);
    await grant.save();
    return grant;
  },
});
for (const event of ['backchannel.error', 'server_error', 'end_session.error']) {
  provider.on(event, (...facts) => console.error(event, facts.find(fact => fact instanceof Error)));
}
provider.on('authorization.success', context => {
  nonce = context.oidc.params.nonce;
});
const callback = provider.callback();
tell({ what: 'listening', issuer });

async function answer(request, response) {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/interaction/')) {
    const result = current ? { login: { accountId: current } } : { error: 'access_denied' };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } else if (nextKey && url.pathname === '/jwks') {
    reply(response, { keys: await Promise.all([privateKey, nextKey].map(async (key, at) => ({ ...open(await exportJWK(key)), kid: kids[at], use: 'sig', alg: 'RS256' }))) });
  } else if (forged && url.pathname === '/token') {
    reply(response, { access_token: 'forged', token_type: 'Bearer', id_token: await token(forged) });
  } else if (forged && url.pathname === '/me') {
    reply(response, { sub: forged.userInfoSubject ?? forged.subject, ...forged.person });
  } else {
    callback(request, response);
  }
}

function reply(response, body) {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** An id_token or logout token that is right but for what is asked for. */
async function token({ subject, how, claims = {} }) {
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, aud: settings.clientId, sub: subject, iat: now, exp: now + 300, ...claims };
  if (!('nonce' in claims) && !('events' in claims)) payload.nonce = nonce;
  for (const name of Object.keys(payload)) if (payload[name] === null) delete payload[name];
  const encode = part => Buffer.from(JSON.stringify(part)).toString('base64url');
  if (how === 'none') return `${encode({ alg: 'none' })}.${encode(payload)}.`;
  if (how === 'cut') return `${encode({ alg: 'RS256', kid: 'test' })}.${encode(payload)}.`;
  if (how === 'secret') return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(settings.clientSecret));
  if (how === 'next') return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'next' }).sign(nextKey);
  const key = how === 'stranger' ? stranger : await importJWK(jwk, 'RS256');
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(key);
}

for (let line = await input.next(); !line.done; line = await input.next()) {
  const order = JSON.parse(line.value);
  if ('accounts' in order) accounts = { ...accounts, ...order.accounts };
  if ('signsIn' in order) current = order.signsIn;
  if ('forged' in order) forged = order.forged;
  if (order.addsKey) nextKey = (await generateKeyPair('RS256', { extractable: true })).privateKey;
  tell({ what: 'done', token: order.token ? await token(order.token) : undefined });
}
process.exit(0);
