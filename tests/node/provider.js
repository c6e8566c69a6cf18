// A real OpenID provider (oidc-provider, certified) that behaves as ProConnect documents, for the tests.
//
// node provider.js '{"client": {…}}' serves on a free port of loopback, prints its issuer, and ends with its standard
// input. Whoever signs in says on its form who they are. POST /essai/faute NAME has it lie until told otherwise, and
// POST /essai/cle changes its key.

import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { CompactSign, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const MOUNT = '/api/v2';
const { client } = JSON.parse(process.argv[2]);
const accounts = new Map();
let fault = '';
let key;
let provider;

const newKey = async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: randomUUID() };
};

const sign = (claims, by = key, alg = 'RS256') =>
  new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg, kid: by.kid ?? key.kid, typ: 'JWT' })
    .sign(by);

const unsigned = (claims) =>
  [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.';

const past = () => Math.floor(Date.now() / 1000) - 600;

const LIES = {
  'id_token of another nonce': (claims) => sign({ ...claims, nonce: randomUUID() }),
  'id_token without nonce': ({ nonce, ...claims }) => sign(claims),
  'id_token for another client': (claims) => sign({ ...claims, aud: 'un-autre-site' }),
  'id_token of another issuer': (claims) => sign({ ...claims, iss: 'https://ailleurs.example' }),
  'id_token too old': (claims) => sign({ ...claims, exp: past(), iat: past() - 60 }),
  'id_token of another access token': (claims) => sign({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
  'id_token by an unknown key': async (claims) => sign(claims, { ...(await newKey()), kid: key.kid }),
  'id_token by a shared secret': (claims) => sign(claims, Buffer.from(client.client_secret.padEnd(32)), 'HS256'),
  'id_token unsigned': unsigned,
  'id_token of a lower level': (claims) => sign({ ...claims, acr: 'eidas1' }),
  'userinfo for another client': (claims) => sign({ ...claims, aud: 'un-autre-site' }),
  'userinfo of another issuer': (claims) => sign({ ...claims, iss: 'https://ailleurs.example' }),
  'userinfo of somebody else': (claims) => sign({ ...claims, sub: 'quelqu-un-d-autre' }),
  'userinfo too old': (claims) => sign({ ...claims, exp: past(), iat: past() - 60 }),
  'userinfo by an unknown key': async (claims) => sign(claims, { ...(await newKey()), kid: key.kid }),
  'userinfo unsigned': unsigned,
  'userinfo without address': ({ email, ...claims }) => sign(claims),
  'userinfo of an unverified address': (claims) => sign({ ...claims, email_verified: false }),
  'userinfo of an odd siret': (claims) => sign({ ...claims, siret: '217 901 917 00013' }),
};

const bodyOf = async (req) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  return body;
};

const form = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>ProConnect d’essai</title>
<h1>ProConnect d’essai</h1><form method="post">
<label>Adresse <input name="email" type="email"></label> <label>SIRET <input name="siret"></label>
<label>Niveau <input name="acr" value="eidas1"></label>
<button name="geste" value="entrer">Entrer</button> <button name="geste" value="refuser">Refuser</button></form>`;

const finish = async (ctx) => {
  const given = new URLSearchParams(await bodyOf(ctx.req));
  if (given.get('geste') === 'refuser') return { error: 'access_denied', error_description: 'refus' };
  if (given.get('geste') === 'echouer') return { error: given.get('erreur'), error_description: 'panne' };
  const [email, siret, acr] = ['email', 'siret', 'acr'].map((name) => given.get(name));
  const sub = createHash('sha256').update(email).digest('hex');
  accounts.set(sub, { sub, email, siret: siret || undefined, given_name: 'Camille', usual_name: 'Essai' });
  return { login: { accountId: sub, acr: acr || undefined } };
};

const interact = async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = form;
    return undefined;
  }
  return ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, await finish(ctx)));
};

const lie = async (ctx, next) => {
  if (fault === 'broken') return ctx.throw(503);
  if (fault === 'no json' && ctx.path === '/token') { ctx.body = 'oups'; return undefined; }
  await next();
  if (ctx.path === '/token' && fault.startsWith('id_token') && ctx.body.id_token) {
    ctx.body = { ...ctx.body, id_token: await LIES[fault](decodeJwt(ctx.body.id_token)) };
  } else if (ctx.path === '/me' && fault === 'userinfo in plain JSON') {
    ctx.body = decodeJwt(ctx.body);
    ctx.type = 'json';
  } else if (ctx.path === '/me' && fault.startsWith('userinfo')) {
    ctx.body = await LIES[fault](decodeJwt(ctx.body));
  } else if (ctx.path === '/.well-known/openid-configuration' && fault === 'another issuer') {
    ctx.body = { ...ctx.body, issuer: 'https://ailleurs.example' };
  }
  return undefined;
};

const make = async (issuer) => {
  key = await newKey();
  const made = new Provider(issuer, {
    clients: [{
      ...client,
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_post',
      userinfo_signed_response_alg: 'RS256',
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['cookies-of-the-tests'] },
    scopes: ['openid', 'given_name', 'usual_name', 'email', 'siret'],
    claims: {
      openid: ['sub'], given_name: ['given_name'], usual_name: ['usual_name'], email: ['email'], siret: ['siret'],
      acr: null,
    },
    acrValues: ['eidas1', 'eidas2', 'eidas3'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, html) => {
          ctx.body = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Quitter</title>${html}
            <button name="logout" value="yes" form="op.logoutForm">Quitter ProConnect</button>`;
        },
      },
    },
    interactions: { url: (ctx, interaction) => `${MOUNT}/interaction/${interaction.uid}` },
    findAccount: (ctx, sub) => accounts.has(sub) && { accountId: sub, claims: () => accounts.get(sub) },
    // ProConnect asks for no consent: what a site may read was agreed when it was declared.
    loadExistingGrant: async (ctx) => {
      const grant = new made.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid given_name usual_name email siret');
      grant.addOIDCClaims(['acr']);
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Session: 43200, Interaction: 600, Grant: 600 },
  });
  made.use(lie);
  made.use(interact);
  return made;
};

const server = createServer(async (req, res) => {
  if (req.url === '/essai/faute') fault = await bodyOf(req);
  else if (req.url === '/essai/cle') provider = await make(provider.issuer);
  else if (req.url.startsWith(MOUNT)) {
    req.originalUrl = req.url;
    req.baseUrl = MOUNT;
    req.url = req.url.slice(MOUNT.length) || '/';
    provider.callback()(req, res);
    return;
  }
  res.end();
});

server.listen(0, '127.0.0.1', async () => {
  provider = await make(`http://127.0.0.1:${server.address().port}${MOUNT}`);
  console.log(provider.issuer);
});
process.stdin.resume().on('end', () => process.exit());
