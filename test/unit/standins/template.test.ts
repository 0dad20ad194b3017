import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../lab/standins/src/bamboo/template/render.js';
import type { Value } from '../../../lab/standins/src/bamboo/template/values.js';

const data: Value = {
  Apps: [
    { Id: '/a', Ports: [1, 2], Env: new Map([['X', 'x']]), Tasks: [] },
    { Id: '/b', Ports: [], Env: new Map(), Tasks: [{ Host: 'h' }] },
  ],
  Services: new Map([['/a', { Id: '/a', Acl: 'path /a', Config: new Map([['Acl', 'path /a']]) }]]),
};

describe('a Go template', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain { text }', 'plain { text }'],
    ['{{ range $i, $app := .Apps }}{{ $i }}{{ $app.Id }} {{ end }}', '0/a 1/b '],
    ['{{ range .Apps }}{{ .Id }},{{ end }}', '/a,/b,'],
    ['{{ range $app := .Apps }}{{ $app.Env.X }};{{ $app.Env.MISSING }};{{ end }}', 'x;;;;'],
    ['{{ range .Apps }}{{ range .Tasks }}{{ .Host }}{{ else }}none {{ end }}{{ end }}', 'none h'],
    [
      '{{ $s := .Services }}{{ range $i, $app := .Apps }}{{ if hasKey $s $app.Id }}{{ $x := getService $s $app.Id }}{{ $x.Acl }}{{ else if eq $i 1 }} one{{ end }}{{ end }}',
      'path /a one',
    ],
    ['{{ $s := .Services }}{{ (getService $s "/a").Config.Acl }}', 'path /a'],
    ['{{ $n := "x" }}{{ if true }}{{ $n = "y" }}{{ end }}{{ $n }}', 'y'],
    ['{{ with index .Apps 0 }}{{ .Id }} {{ $.Services | len }}{{ end }}', '/a 1'],
    ['a {{- " b " -}} c', 'a b c'],
    ['a {{- /* gone */ -}} c{{/* and this }} too */}}', 'ac'],
    ['{{ printf "%s-%03d-%q" "a" 7 "b" }}', 'a-007-"b"'],
    ['{{ "/a/b" | printf "%s!" }}', '/a/b!'],
    [
      '{{ Replace "/a/b/c" "/" "_" -1 }} {{ Replace "/a/b/c" "/" "_" 1 }} {{ Join (Split "a,b" ",") "+" }} {{ ToUpper "a" }}',
      '_a_b_c _a/b/c a+b A',
    ],
    ['{{ if and (gt (ToInt "3") 2) (not (Contains "abc" "x")) (or false "yes") }}ok{{ end }}', 'ok'],
    ['{{ range .Apps }}{{ .Ports }}{{ end }}', '[1 2][]'],
    ['{{ `raw "string"` }}', 'raw "string"'],
    ['{{ if .Services }}{{ range $id, $s := .Services }}{{ $id }}={{ $s.Acl }}{{ end }}{{ end }}', '/a=path /a'],
  ];
  for (const [template, expected] of cases) {
    it(`turns ${template} into ${JSON.stringify(expected)}`, () => {
      expect(renderTemplate(template, data)).toEqual({ kind: 'text', text: expected });
    });
  }

  const refusals: readonly (readonly [string, 'syntax' | 'data', string])[] = [
    ['{{ range .Apps }}', 'syntax', 'not ended'],
    ['{{ end }}', 'syntax', 'unexpected {{end}}'],
    ['{{ if }}{{ end }}', 'syntax', 'missing value'],
    ['{{ nosuch 1 }}', 'syntax', 'function "nosuch" not defined'],
    ['{{ .Apps', 'syntax', 'unclosed action'],
    ['\n{{ .Nosuch }}', 'data', "line 2: can't evaluate field Nosuch"],
    ['{{ $missing }}', 'data', 'undefined variable: $missing'],
    ['{{ index .Apps 7 }}', 'data', 'index out of range'],
    ['{{ eq 1 "1" }}', 'data', 'incompatible types'],
  ];
  for (const [template, kind, words] of refusals) {
    it(`is refused for its ${kind}: ${JSON.stringify(template)}`, () => {
      expect(renderTemplate(template, data)).toEqual({ kind, message: expect.stringContaining(words) as string });
    });
  }

  it('reads a validation command with {{.}} in it', () => {
    expect(renderTemplate('haproxy -c -f {{.}}', '/tmp/x')).toEqual({ kind: 'text', text: 'haproxy -c -f /tmp/x' });
  });
});
