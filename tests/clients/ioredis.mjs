// ioredis through Gatehouse: what applications do with it, under a client certificate and under a password.
import Redis from 'ioredis';
import { ended, equal, finish, host, notRun, openPort, password, port, refused, restartGateway, test, tls } from './support.mjs';

const open = new Set();
function client(who, options = {}) {
  const made = new Redis({ host, port, tls: tls(who), retryStrategy: null, maxRetriesPerRequest: 0, ...options });
  made.on('error', () => {}); // each test sees its own command's error
  open.add(made);
  return made;
}
const ada = client('ada');

await test('a certificate comes in without AUTH', async () => equal(await ada.acl('WHOAMI'), 'ada'));

await test('set and get, a mebibyte too', async () => {
  const value = Buffer.alloc(1 << 20, 'é\r\n$5');
  equal(await ada.set('app:ioredis:big', value), 'OK');
  equal((await ada.getBuffer('app:ioredis:big')).equals(value), true);
});

await test('a pipeline of a thousand keeps its order', async () => {
  const pipeline = ada.pipeline();
  for (let i = 0; i < 1000; ++i) pipeline.echo(`${i}`);
  equal((await pipeline.exec()).map(([error, text]) => error ?? text), Array.from({ length: 1000 }, (_, i) => `${i}`));
});

await test('MULTI and EXEC', async () => {
  equal(await ada.multi().set('app:ioredis:n', '1').incr('app:ioredis:n').get('app:ioredis:n').exec(),
    [[null, 'OK'], [null, 2], [null, '2']]);
});

await test('messages on a channel that is granted', async () => {
  const reader = client('ada');
  const message = new Promise(resolve => reader.on('message', (channel, text) => resolve([channel, text])));
  await reader.subscribe('app:ioredis:news');
  equal(await ada.publish('app:ioredis:news', 'hello'), 1);
  equal(await message, ['app:ioredis:news', 'hello']);
  await refused(client('ada').subscribe('secret:news'), /NOPERM/);
});

await test('a blocking pop is served by another connection', async () => {
  const waiting = client('ada').blpop('app:ioredis:jobs', 10);
  await ada.rpush('app:ioredis:jobs', 'one');
  equal(await waiting, ['app:ioredis:jobs', 'one']);
});

await test('what the role does not allow is refused, and the connection goes on', async () => {
  await refused(ada.config('GET', 'dir'), /NOPERM/);
  await refused(ada.get('other:key'), /NOPERM/);
  equal(await ada.ping(), 'PONG');
  const reader = client('reader');
  await refused(reader.set('app:ioredis:n', '9'), /NOPERM/);
  equal(await reader.get('app:ioredis:n'), '2');
});

await test('a certificate user has no AUTH', async () => refused(client('ada').call('AUTH', 'ada', 'x'), /WRONGPASS/));

await test("nobody's certificate may do nothing", async () =>
  refused(client('stranger', { enableReadyCheck: false }).get('app:x'), /NOAUTH/));

await test("another CA's certificate, and none, are refused at the handshake", async () => {
  await refused(client('impostor').ping(), ended);
  await refused(client().ping(), ended);
});

await test('a password where no certificate is demanded', async () => {
  equal(await client(undefined, { port: openPort, username: 'job', password }).acl('WHOAMI'), 'job');
  await refused(client(undefined, { port: openPort, enableReadyCheck: false }).call('AUTH', 'job', 'wrong'), /WRONGPASS/);
});

notRun('RESP3', 'this version speaks RESP2 only');

await test('it comes back by itself after a restart of the gateway, and the data is there', async () => {
  const lasting = client('ada', { retryStrategy: () => 100, maxRetriesPerRequest: null });
  await lasting.set('app:ioredis:kept', 'yes');
  await lasting.multi().set('app:ioredis:kept-too', 'yes').incr('app:ioredis:kept-count').exec();
  const closed = new Promise(resolve => lasting.once('close', resolve));
  restartGateway();
  await closed;
  equal(await lasting.mget('app:ioredis:kept', 'app:ioredis:kept-too', 'app:ioredis:kept-count'), ['yes', 'yes', '1']);
  equal(await lasting.acl('WHOAMI'), 'ada');
});

open.forEach(one => one.disconnect());
finish();
