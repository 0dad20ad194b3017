import { alias, flag, path, text } from './fields.js';

/** Parameters that uri and get_url share. */
export const httpFields = {
  url_username: alias(text('The user for basic authentication.').optional(), 'user', 'username'),
  url_password: alias(text('The password for basic authentication.').optional(), 'password'),
  force_basic_auth: flag(
    "Ansible's word for what is always so here: user and password go with the first request.",
  ).default(true),
  http_agent: text('What the request says it comes from: the header `User-Agent`.').optional(),
  use_proxy: flag('Goes by the proxy that the environment of the host names.').default(true),
  client_cert: path('A file of the host with the certificate that is shown to the server; needs curl.').optional(),
  client_key: path('The file of the host with the key of `client_cert`.').optional(),
  ca_path: path('A file of the host with the authorities that the server is checked by; needs curl.').optional(),
};

interface HttpFields {
  readonly url_username?: string | undefined;
  readonly url_password?: string | undefined;
  readonly http_agent?: string | undefined;
  readonly use_proxy: boolean;
  readonly client_cert?: string | undefined;
  readonly client_key?: string | undefined;
  readonly ca_path?: string | undefined;
}

/** What is wrong with them together. */
export function checkHttpFields({ client_cert: cert, client_key: key, ...fields }: HttpFields): string | undefined {
  if (key !== undefined && cert === undefined) return '`client_key` is for `client_cert`: name that as well';
  if (fields.url_password !== undefined && fields.url_username === undefined)
    return '`url_password` is for `url_username`: name that as well';
  return undefined;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export function credentialsOf({ url_username: user, url_password: password }: HttpFields): Credentials | undefined {
  return user === undefined ? undefined : { user, password: password ?? '' };
}

/** The headers, with the agent that is wished. */
export function headersOf(
  params: HttpFields & { readonly headers: Readonly<Record<string, string>> },
): Record<string, string> {
  const { http_agent: agent, headers } = params;
  return { ...(agent === undefined ? {} : { 'User-Agent': agent }), ...headers };
}

/** Options of curl's configuration file, by name, that say how the server is reached. */
export function curlWay(params: HttpFields): Readonly<Record<string, string>> {
  const { client_cert: cert, client_key: key, ca_path: authorities, use_proxy: usesProxy } = params;
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(authorities === undefined ? {} : { cacert: authorities }),
    ...(usesProxy ? {} : { noproxy: '*' }),
  };
}

/** A value in quotes for curl's configuration file. */
export function curlQuoted(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\v', '\\v');
  return `"${escaped}"`;
}
