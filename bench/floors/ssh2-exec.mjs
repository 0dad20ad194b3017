import { onEveryHost } from './connect.mjs';

await onEveryHost(async (client, count) => {
  for (let index = 0; index < count; index++) {
    await new Promise((resolve, reject) => {
      client.exec('/bin/true', (error, channel) => {
        if (error) return reject(error);
        channel.resume();
        channel.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
        return undefined;
      });
    });
  }
});
