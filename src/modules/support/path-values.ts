import type { Value } from '../../template/value.js';
import { formatMode } from './mode.js';
import type { PathState } from './path-state.js';

/** What Ansible's stat and find register of a path. */
export function pathValues(state: PathState): Readonly<Record<string, Value>> {
  const has = (bit: number): boolean => (state.mode & bit) !== 0;
  return {
    isreg: state.kind === 'file',
    isdir: state.kind === 'directory',
    islnk: state.kind === 'link',
    isfifo: state.kindName === 'fifo',
    issock: state.kindName === 'socket',
    isblk: state.kindName.startsWith('block'),
    ischr: state.kindName.startsWith('character'),
    mode: formatMode(state.mode),
    uid: state.uid,
    gid: state.gid,
    pw_name: state.owner,
    gr_name: state.group,
    size: state.size,
    inode: state.inode,
    dev: state.device,
    nlink: state.links,
    atime: state.accessed,
    mtime: state.modified,
    ctime: state.changed,
    isuid: has(0o4000),
    isgid: has(0o2000),
  };
}
