// What the suites in JavaScript share: the world that `run` made, and tests that are counted.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const folder = process.env.CLIENTS_FOLDER;
const file = name => readFileSync(`${folder}/${name}`);

export const host = 'localhost';
export const port = Number(process.env.CLIENTS_PORT); // a database that demands client certificates
export const openPort = Number(process.env.CLIENTS_OPEN_PORT); // one that does not
export const password = process.env.CLIENTS_PASSWORD; // of the user `job`

/// Node's TLS options; `who` has a certificate, or nobody.
export const tls = who => ({
  ca: file('proxy.pem'), servername: host,
  ...(who ? { cert: file(`${who}.pem`), key: file(`${who}.key`) } : {}),
});

/// Ends the gateway and starts it again on the same store and ports. Blocks.
export function restartGateway() {
  const { status, stderr } = spawnSync(`${folder}/restart`, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the gateway did not start again: ${stderr}`);
}

export function equal(got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    const brief = value => `${JSON.stringify(value)}`.slice(0, 200);
    throw new Error(`${brief(got)} instead of ${brief(wanted)}`);
  }
}

export async function refused(promise, pattern) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    const text = `${error.code ?? ''} ${error.message}`;
    if (!pattern.test(text)) throw new Error(`refused by "${text}" instead of ${pattern}`);
    return;
  }
  throw new Error(`not refused: ${JSON.stringify(value)}`);
}

/// How a connection ends that the server closed, in the handshake or after it.
export const ended = /ECONNRESET|EPIPE|alert|closed|disconnected/i;

let failures = 0;
process.on('unhandledRejection', error => { // a command of a test that has ended already
  ++failures;
  console.log(`not ok  an error that nobody waited for: ${error.message}`);
});

/// Runs one; says `ok` or `not ok` and why. At most 20 seconds.
export async function test(name, body) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no end in 20 seconds')), 20_000);
  });
  try {
    await Promise.race([body(), late]);
    console.log(`ok      ${name}`);
  } catch (error) {
    ++failures;
    console.log(`not ok  ${name}: ${error.message}`);
  } finally {
    clearTimeout(timer);
  }
}

export const notRun = (name, reason) => console.log(`NOT RUN ${name}: ${reason}`);
export const finish = () => process.exit(failures ? 1 : 0);
