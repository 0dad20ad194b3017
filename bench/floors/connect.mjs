// ssh2 alone, as fast as it goes: what any program on top of it could at best reach.
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';

const [user, port, key, count, ...hosts] = process.argv.slice(2);
const privateKey = readFileSync(key);

/** Connects to every host at once and runs `work(client, count)` on each. */
export async function onEveryHost(work) {
  await Promise.all(
    hosts.map(
      (host) =>
        new Promise((resolve, reject) => {
          const client = new ssh2.Client();
          client.on('error', reject);
          client.on('ready', () => {
            work(client, Number(count)).then(() => {
              client.end();
              resolve();
            }, reject);
          });
          client.connect({ host, port: Number(port), username: user, privateKey, hostVerifier: () => true });
        }),
    ),
  );
}
