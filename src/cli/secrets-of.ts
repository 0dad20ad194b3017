import type { Inventory } from '../inventory/types.js';
import { type Located, entryOf } from '../syntax/located.js';
import { Masker } from '../shell/masker.js';
import { tellSecrets } from './vault.js';

/** Variables whose text is a secret by what it is for. */
const secretVariables = new Set([
  'become_password',
  'ansible_password',
  'ansible_ssh_pass',
  'ansible_become_password',
  'ansible_become_pass',
  'ansible_sudo_pass',
]);
const secretSettings = ['password', 'passphrase'];

/** A masker that knows every secret the inventory holds as text: passwords, passphrases and what is tagged `!secret`, and all that is decrypted. */
export function maskerFor(inventory: Inventory): Masker {
  const masker = new Masker();
  tellSecrets(masker);
  const layers = [
    ...[...inventory.groups.values()].flatMap((group) => group.layers),
    ...[...inventory.hosts.values()].flatMap((host) => host.layers),
  ];
  for (const layer of layers) {
    for (const [name, located] of layer.values) {
      if (secretVariables.has(name)) learn(masker, located);
      if (name === 'ssh' && located.kind === 'map')
        for (const key of secretSettings) learn(masker, entryOf(located, key)?.value);
      learnTagged(masker, located);
    }
  }
  return masker;
}

function learn(masker: Masker, located: Located | undefined): void {
  if (located?.kind === 'scalar' && typeof located.value === 'string' && !located.value.includes('<%'))
    masker.learn(located.value);
}

function learnTagged(masker: Masker, located: Located): void {
  if (located.kind === 'list') for (const item of located.items) learnTagged(masker, item);
  else if (located.kind === 'map') for (const entry of located.entries) learnTagged(masker, entry.value);
  else if (located.secret === true && located.shut === undefined) masker.learn(String(located.value));
}
