// Signs of the shell are left out of names and users: both may become part of a ProxyCommand.
const written =
  /^(?:ssh:\/\/)?(?:([^@\s/'"`$\\;&<>|(){}-][^@\s/'"`$\\;&<>|(){}]*)@)?(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([\p{L}\p{N}_][\p{L}\p{N}_.-]*)|([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?\/?$/u;

/** A hop as it is written: `host`, `user@host:port`, `[2001:db8::1]:22` or `ssh://user@host:port`; undefined when it is none. */
export function parseJump(
  text: string,
): { readonly host: string; readonly user?: string; readonly port?: number } | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, user, bracketed, name, address, portText] = match;
  const host = bracketed ?? name ?? address;
  const port = portText === undefined ? undefined : Number(portText);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}
