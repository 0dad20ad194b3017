/** Parameters of Ansible's modules that are not here, and what does their work; those under `*` are of many modules. */
export const parameterHints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '*': {
    attributes: 'write `command: chattr …` in a task after it',
    attr: 'write `command: chattr …` in a task after it',
    seuser: 'write `command: chcon …` or `command: restorecon …` in a task after it',
    serole: 'write `command: chcon …` or `command: restorecon …` in a task after it',
    setype: 'write `command: chcon …` or `command: restorecon …` in a task after it',
    selevel: 'write `command: chcon …` or `command: restorecon …` in a task after it',
    unsafe_writes: 'remove it: a file is always put in its place whole',
    use: 'remove it: the host tells by itself what it has for this',
  },
  apt: {
    force: 'write what is meant: `allow_downgrade`, `allow_change_held_packages` or `allow_unauthenticated`',
    policy_rc_d: 'write /usr/sbin/policy-rc.d with `copy` before it and remove it with `file` after it',
    update_cache_retries: 'remove it: what cannot be downloaded is tried three times more',
    update_cache_retry_max_delay: 'remove it: what cannot be downloaded is tried three times more',
  },
  command: { strip_empty_ends: 'remove it: `stdout_lines` and `trim()` do its work' },
  copy: {
    checksum: 'remove it: what is written is always compared with the source',
    local_follow: 'remove it: links to files of the controller are always followed',
  },
  dnf: {
    enablerepo: 'write `command: dnf -y --enablerepo=… install …`',
    disablerepo: 'write `command: dnf -y --disablerepo=… install …`',
    disable_gpg_check: 'write `command: dnf -y --nogpgcheck install …`',
    autoremove: 'write `command: dnf -y autoremove`',
  },
  find: { read_whole_file: 'write `command: grep -rlzP …` with `register` and `changed_when: false`' },
  get_url: { tmp_dest: 'remove it: the file is downloaded beside its place and put there whole' },
  git: {
    bare: 'write `command: git clone --bare …` with `creates`',
    refspec: 'write `command: git fetch …` in a task after it',
    verify_commit: 'write `command: git verify-commit HEAD` with `chdir` in a task after it',
    umask: 'write `shell: umask 022 && git clone …` with `creates`',
  },
  pause: { echo: 'remove it: nobody is asked while the runner works' },
  service: {
    daemon_reexec: 'write `command: systemctl daemon-reexec`',
    scope: 'remove `scope: system`; for a service of a user, write `command: systemctl --user …` with `become_user`',
    no_block: 'write `command: systemctl --no-block …`',
    force: 'write `command: systemctl --force enable …`',
    arguments: 'write them into the unit or into /etc/default',
    args: 'write them into the unit or into /etc/default',
    pattern: 'remove it: the manager of services is asked',
    sleep: 'remove it: the manager of services waits until it has stopped',
    runlevel: 'write `command: update-rc.d …`',
  },
  template: {
    trim_blocks: 'remove it: in EJS `-%>` takes the end of the line away',
    lstrip_blocks: 'remove it: in EJS `<%_` takes the blanks before it away',
  },
  unarchive: {
    copy: 'write `remote_src: true` for `copy: false`; without either the archive is of the controller',
    keep_newer: 'write `extra_opts: [--keep-newer-files]`',
    validate_certs: 'download the archive with `get_url` first, which has it',
    io_buffer_size: 'remove it',
  },
  user: { local: 'remove it: what useradd and usermod do is local' },
};

/** What does the work of a parameter of Ansible's that a module has not; undefined for any other. */
export function hintForParameter(module: string, parameter: string): string | undefined {
  return parameterHints[module]?.[parameter] ?? parameterHints['*']?.[parameter];
}
