import { describe, expect, it } from 'vitest';
import { graphDot, graphMermaid, graphText } from '../../../src/plan/graph.js';
import { listHosts, listTags, listTasks } from '../../../src/plan/listing.js';
import { planOf } from './plan.js';

const files = {
  'f.yaml': `
- name: engine
  hosts: all
  roles: [docker, docker]
- {name: web, hosts: web, needs: [engine], serial: 1, tags: [site]}
- name: db "main"
  hosts: db
  needs: [engine]
  pre_tasks: [{name: first, command: x, tags: [always]}]
  tasks:
    - block: [{name: in block, command: x}]
      rescue: [{command: undo}]
      tags: [b, a]
    - include_tasks: "<%= x %>.yaml"
    - include_role: {name: docker}
    - meta: flush_handlers
    - {name: rare, command: x, tags: [never]}
- {name: end, hosts: "web:&db", allow_empty: true, needs: [web, 'db "main"']}
`,
  'roles/docker/tasks/main.yaml': '- {name: install, command: x, tags: [setup]}\n',
};

describe('the graph of a plan', () => {
  it('is drawn as text by waves', () => {
    expect(graphText(planOf(files))).toBe(`1.
   engine
     roles: docker
     hosts: h1, h2, h3, h4
2. at the same time:
   web (after engine)
     hosts: h1, h2, 2 batches
   db "main" (after engine)
     hosts: h3, h4
3.
   end (after web, db "main")
     hosts: none`);
  });

  it('is drawn as Mermaid', () => {
    expect(graphMermaid(planOf(files))).toBe(`flowchart TD
  play1["engine<br/>docker<br/>h1, h2, h3, h4"]
  play2["web<br/>h1, h2"]
  play3["db #quot;main#quot;<br/>h3, h4"]
  play4["end<br/>none"]
  play1 --> play2
  play1 --> play3
  play2 --> play4
  play3 --> play4`);
  });

  it('is drawn as DOT', () => {
    expect(graphDot(planOf(files))).toBe(`digraph plan {
  node [shape=box];
  "engine" [label="engine\\ndocker\\nh1, h2, h3, h4"];
  "web" [label="web\\nh1, h2"];
  "db \\"main\\"" [label="db \\"main\\"\\nh3, h4"];
  "end" [label="end\\nnone"];
  "engine" -> "web";
  "engine" -> "db \\"main\\"";
  "web" -> "end";
  "db \\"main\\"" -> "end";
}`);
  });

  it('writes signs of Mermaid and DOT in names as text', () => {
    const plan = planOf("- {name: 'a <b> & \\ c', hosts: web}\n");
    expect(graphMermaid(plan)).toContain('"a #lt;b#gt; #amp; \\ c<br/>h1, h2"');
    expect(graphDot(plan)).toContain('"a <b> & \\\\ c" [label="a <b> & \\\\ c\\nh1, h2"]');
  });

  it('has boxes of many hosts in several lines', () => {
    const names = Array.from({ length: 12 }, (_none, index) => `machine${index + 10}`);
    const plan = planOf({ 'f.yaml': '- {name: web, hosts: all}\n' });
    const [play] = plan.plays;
    if (play === undefined) throw new Error('there is no play');
    const label = /label="([^"]*)"/.exec(graphDot({ ...plan, plays: [{ ...play, hosts: names }] }))?.[1] ?? '';
    const lines = label.split('\\n').slice(1);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe(names.join(', '));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(75);
  });

  it('is empty without plays', () => {
    const plan = { playbooks: [], plays: [], selection: { limit: [], tags: [], skipTags: [] } };
    expect(graphText(plan)).toBe('');
    expect(graphMermaid(plan)).toBe('flowchart TD');
  });
});

describe('the lists of a plan', () => {
  it('name the hosts of each play', () => {
    expect(listHosts(planOf(files))).toBe(`play engine (4 hosts)
    h1
    h2
    h3
    h4

play web (2 hosts)
    h1
    h2

play db "main" (2 hosts)
    h3
    h4

play end (0 hosts)`);
  });

  it('name the tasks with their role and tags, and what an include would bring', () => {
    expect(listTasks(planOf(files))).toBe(`play engine (4 hosts)
    docker : install    [setup]
    docker : install    [setup]

play web (2 hosts)

play db "main" (2 hosts)
    first    [always]
    in block    [b, a]
    command: undo    [b, a]
    include_tasks: <%= x %>.yaml
    include_role: docker
    meta: flush_handlers

play end (0 hosts)`);
  });

  it('leave out tasks that the tags leave out', () => {
    expect(listTasks(planOf(files, { selection: { tags: ['a'] } }))).toBe(`play engine (4 hosts)

play web (2 hosts)

play db "main" (2 hosts)
    first    [always]
    in block    [b, a]
    command: undo    [b, a]

play end (0 hosts)`);
    expect(listTasks(planOf(files, { selection: { tags: ['never'], skipTags: ['always'] } }))).toContain(
      '    rare    [never]',
    );
  });

  it('name the tags of each play, sorted', () => {
    expect(listTags(planOf(files))).toBe(`play engine (4 hosts)
    tags: setup

play web (2 hosts)
    tags: none

play db "main" (2 hosts)
    tags: a, always, b, never

play end (0 hosts)
    tags: none`);
  });
});
