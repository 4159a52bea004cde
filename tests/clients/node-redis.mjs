// node-redis through Gatehouse, in RESP2 and RESP3: what applications do with it, under a client certificate and under a
// password.
import { createClient, RESP_TYPES } from 'redis';
import { ended, equal, finish, host, openPort, password, port, refused, restartGateway, test, tls } from './support.mjs';

const open = new Set();
async function client(who, { reconnectStrategy = false, at = port, ...options } = {}) {
  const made = createClient({ ...options, socket: { host, port: at, tls: true, ...tls(who), reconnectStrategy } });
  made.on('error', () => {}); // each test sees its own command's error
  open.add(made);
  await made.connect();
  return made;
}

for (const RESP of [2, 3]) {
  const key = `app:node-redis:${RESP}`;
  const say = text => `RESP${RESP}: ${text}`;
  const ada = await client('ada', { RESP });

  await test(say('a certificate comes in without AUTH'), async () => {
    equal(await ada.aclWhoAmI(), 'ada');
    equal((await ada.clientInfo()).user, 'ada');
  });

  await test(say('set and get, a mebibyte too'), async () => {
    const value = Buffer.alloc(1 << 20, 'é\r\n$5');
    equal(await ada.set(`${key}:big`, value), 'OK');
    equal((await ada.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(`${key}:big`)).equals(value), true);
  });

  await test(say('a pipeline of a thousand keeps its order'), async () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `${i}`);
    equal(await Promise.all(texts.map(text => ada.echo(text))), texts);
  });

  await test(say('MULTI and EXEC'), async () => {
    equal(await ada.multi().set(`${key}:n`, '1').incr(`${key}:n`).get(`${key}:n`).exec(), ['OK', 2, '2']);
    equal({ ...await ada.multi().hSet(`${key}:h`, 'a', 'b').hGetAll(`${key}:h`).exec().then(all => all[1]) }, { a: 'b' });
  });

  await test(say('messages on a channel that is granted'), async () => {
    const reader = await client('ada', { RESP });
    let arrived;
    const message = new Promise(resolve => { arrived = resolve; });
    await reader.subscribe(`${key}:news`, (text, channel) => arrived([channel, text]));
    equal(await ada.publish(`${key}:news`, 'hello'), 1);
    equal(await message, [`${key}:news`, 'hello']);
    await refused((await client('ada', { RESP })).subscribe('secret:news', () => {}), /NOPERM/);
  });

  await test(say('a blocking pop is served by another connection'), async () => {
    const waiting = (await client('ada', { RESP })).blPop(`${key}:jobs`, 10);
    await ada.rPush(`${key}:jobs`, 'one');
    equal((await waiting).element, 'one');
  });

  await test(say('what the role does not allow is refused, and the connection goes on'), async () => {
    await refused(ada.configGet('dir'), /NOPERM/);
    await refused(ada.get('other:key'), /NOPERM/);
    equal(await ada.ping(), 'PONG');
    const reader = await client('reader', { RESP });
    await refused(reader.set(`${key}:n`, '9'), /NOPERM/);
    equal(await reader.get(`${key}:n`), '2');
  });

  await test(say('a password where no certificate is demanded'), async () => {
    equal(await (await client(undefined, { RESP, at: openPort, username: 'job', password })).aclWhoAmI(), 'job');
    await refused(client(undefined, { RESP, at: openPort, username: 'job', password: 'wrong' }), /WRONGPASS/);
  });

  await test(say('it comes back by itself after a restart of the gateway, and the data is there'), async () => {
    const lasting = await client('ada', { RESP, reconnectStrategy: 100 });
    await lasting.set(`${key}:kept`, 'yes');
    await lasting.multi().set(`${key}:kept-too`, 'yes').incr(`${key}:kept-count`).exec();
    const again = new Promise(resolve => lasting.once('ready', resolve));
    restartGateway();
    await again;
    equal(await lasting.mGet([`${key}:kept`, `${key}:kept-too`, `${key}:kept-count`]), ['yes', 'yes', '1']);
    equal(await lasting.aclWhoAmI(), 'ada');
  });
}

await test('a certificate user has no AUTH', async () =>
  refused((await client('ada')).sendCommand(['AUTH', 'ada', 'x']), /WRONGPASS/));

await test("nobody's certificate may do nothing", async () => refused((await client('stranger')).get('app:x'), /NOAUTH/));

// In TLS 1.3 a client is done before the server has judged it: connect() may have succeeded, or wait for an answer that never
// comes; then the error event says so.
async function knock(who) {
  const made = createClient({ socket: { host, port, tls: true, ...tls(who), reconnectStrategy: false } });
  const wrong = new Promise((_, reject) => made.on('error', reject));
  await Promise.race([wrong, made.connect().then(() => Promise.race([wrong, made.ping()]))]);
}

await test("another CA's certificate, and none, are refused at the handshake", async () => {
  await refused(knock('impostor'), ended);
  await refused(knock(undefined), ended);
});

open.forEach(one => one.isOpen && one.destroy());
finish();
