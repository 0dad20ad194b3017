import { expect, test } from 'vitest';
import { graphSvg } from '../../../src/cli/graph-svg.js';
import { graphDot } from '../../../src/plan/graph.js';
import { planOf } from '../plan/plan.js';

const files = {
  'f.yaml': `
- {name: 'a <b> & "c" --> é', hosts: all}
- {name: web, hosts: web, needs: ['a <b> & "c" --> é']}
`,
};

/** Names of tags that are opened, in order; throws for one that is not closed as XML wants it. */
function tagsOf(xml: string): readonly string[] {
  const opened: string[] = [];
  const names: string[] = [];
  for (const [, close, name = '', empty] of xml.matchAll(/<(?![?!])(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (close === '/') expect(opened.pop()).toBe(name);
    else names.push(name);
    if (close === '' && empty === '') opened.push(name);
  }
  expect(opened).toEqual([]);
  return names;
}

test('a graph is drawn as an SVG picture with every play, host and arrow', async () => {
  const svg = await graphSvg(graphDot(planOf(files)));
  const tags = tagsOf(svg);
  expect(tags[0]).toBe('svg');
  expect(svg.replaceAll(/<!--[\s\S]*?-->|<[^>]*>/g, '')).not.toContain('<');
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(['a &lt;b&gt; &amp; &quot;c&quot; &#45;&#45;&gt; é', 'h1, h2, h3, h4', 'web', 'h1, h2']);
  expect(tags.filter((tag) => tag === 'path').length).toBeGreaterThanOrEqual(3);
});

test('nothing of it is fetched from elsewhere when it is shown', async () => {
  const svg = await graphSvg(graphDot(planOf(files)));
  expect(svg).not.toMatch(/<!DOCTYPE|href|url\(|<(?:script|style|image|foreignObject)/i);
  const addresses = svg.match(/https?:[^"]*/g);
  expect(addresses).toEqual(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']);
});
