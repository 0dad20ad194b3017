/** One file of apt's sources. */
export interface SourcesFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The name Ansible gives the file of a repository: its address without scheme and password, everything but letters and
 * digits turned into `_`.
 */
export function sourcesName(line: string): string {
  const rest = line.replace(/\[[^\]]*\]/, ' ').replace(/^\s*deb(?:-src)?\s+/, '');
  const [address = ''] = rest.trim().split(/\s+/);
  const plain = address.replace(/^\w+:\/\//, '').replace(/^[^/@]*@/, '');
  return (
    plain
      .split(/[^A-Za-z0-9]+/)
      .filter((part) => part !== '')
      .join('_') || 'repository'
  );
}

/** A line of sources in one form, so that white space and comments do not count; undefined for what is no source. */
export function sourceOf(line: string): string | undefined {
  const plain = line.replace(/#.*$/, '').trim().replace(/\s+/g, ' ');
  return /^deb(?:-src)? /.test(plain) ? plain.replace(/\[ ?(.*?) ?\]/, '[$1]') : undefined;
}

/** The line with `signed-by` among its options. */
export function signedBy(line: string, keyring: string): string {
  if (/\[[^\]]*signed-by=/.test(line)) return line;
  const [, kind = '', options = '', rest = ''] = /^(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s*)?(.*)$/.exec(line.trim()) ?? [];
  return `${kind} [${[options.trim(), `signed-by=${keyring}`].filter((part) => part !== '').join(' ')}] ${rest}`;
}

/** The bytes of a key: apt takes the binary form everywhere, so an armoured one (RFC 9580, 6.2) is unwrapped. */
export function keyBytes(key: Buffer): Buffer | undefined {
  const text = key.toString('latin1');
  const [, body] =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+: .*\r?\n)*\r?\n([^-]+?)\r?\n?(?:=[A-Za-z0-9+/]{4}\r?\n)?-----END/.exec(
      text,
    ) ?? [];
  if (body !== undefined) return Buffer.from(body.replace(/\s/g, ''), 'base64');
  // The first byte of every packet has its highest bit set.
  return (key[0] ?? 0) >= 0x80 ? key : undefined;
}
