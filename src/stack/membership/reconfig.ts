import { sh, type ShellText } from '../../shell/text.js';

/** Changes an ensemble by ZooKeeper's own client, inside the container of a member. Ends with the client's words when it does not succeed. */
export function reconfigScript(options: {
  readonly container: string;
  readonly client: string;
  /** host:port of a member. */
  readonly server: string;
  readonly change: { readonly add: string } | { readonly remove: number };
}): ShellText {
  const { container, client, server, change } = options;
  const words = 'add' in change ? ['-add', change.add] : ['-remove', String(change.remove)];
  // The client's own exit code is 0 whatever the server says.
  return sh`said=$(timeout 60 docker exec ${container} ${client} -server ${server} reconfig ${words} 2>&1)
case $said in
  *'Committed new configuration'*) ;;
  *) printf '%s\n' "$said" | tail -n 5 >&2; exit 1;;
esac`;
}
