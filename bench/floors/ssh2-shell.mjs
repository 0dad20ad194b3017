import { onEveryHost } from './connect.mjs';

await onEveryHost(
  (client, count) =>
    new Promise((resolve, reject) => {
      client.exec('sh', (error, channel) => {
        if (error) return reject(error);
        let done = 0;
        let text = '';
        const next = () => channel.write('/bin/true; echo "done $?"\n');
        channel.on('data', (chunk) => {
          text += chunk;
          if (!text.includes('\n')) return;
          text = '';
          done++;
          if (done < count) next();
          else channel.end();
        });
        channel.on('close', () => (done === count ? resolve() : reject(new Error('the shell ended early'))));
        next();
        return undefined;
      });
    }),
);
