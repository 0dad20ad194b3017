import { ModuleFailure } from '../../modules/types.js';
import { sh, type ShellText } from '../../shell/text.js';

/** Changes an ensemble by ZooKeeper's own client, inside the container of a member. Ends with the client's words when it does not succeed. */
export function reconfigScript(options: {
  readonly container: string;
  readonly client: string;
  /** host:port of a member. */
  readonly server: string;
  /** Of the user `super`, who alone may reconfigure. */
  readonly password: string;
  readonly change: { readonly add: string } | { readonly remove: number };
}): ShellText {
  const { container, client, server, password, change } = options;
  const words = 'add' in change ? `-add ${change.add}` : `-remove ${change.remove}`;
  const commands = `addauth digest ${asOneWord(`super:${password}`)}\nreconfig ${words}\nquit\n`;
  // The client's own exit code is 0 whatever the server says.
  // Commands come by its input: in its words everybody on the host would read the password.
  return sh`said=$(printf %s ${commands} | timeout 60 docker exec -i ${container} ${client} -server ${server} 2>&1)
case $said in
  *'Committed new configuration'*) ;;
  *) printf '%s\n' "$said" | grep -v addauth | tail -n 5 >&2; exit 1;;
esac`;
}

/** The client takes what stands in quotes as one word, and has no way to write both quotes in it. */
function asOneWord(text: string): string {
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  throw new ModuleFailure(
    '`zookeeper_super_password` holds both kinds of quotes, which the client of ZooKeeper cannot be told',
  );
}
