import { shellSource } from '../shell/text.js';

/**
 * Prints what the runner knows of a host: lines `key<TAB>value`, a key may come more than once. POSIX sh with coreutils
 * or busybox; what a host does not have is left out. Changes nothing.
 */
export const factsScript = shellSource(`
LC_ALL=C; export LC_ALL
say() { [ -n "$2" ] && printf '%s\\t%s\\n' "$1" "$2"; return 0; }
first() { for c in "$@"; do command -v "$c" >/dev/null 2>&1 && { printf '%s' "$c"; return 0; }; done; return 0; }
say hostname "$(hostname 2>/dev/null || uname -n)"
say fqdn "$(hostname -f 2>/dev/null)"
read -r system kernel machine <<END
$(uname -srm)
END
say kernel "$kernel"
say system "$system"
say machine "$machine"
for f in /etc/os-release /usr/lib/os-release; do
  [ -r "$f" ] && { sed -n 's/^\\(ID\\|ID_LIKE\\|VERSION_ID\\|VERSION_CODENAME\\|NAME\\|PRETTY_NAME\\)=/os_&/p' "$f" | tr '=' '\\t'; break; }
done
say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c ^processor /proc/cpuinfo 2>/dev/null)"
sed -n 's/^\\(MemTotal\\|MemAvailable\\|SwapTotal\\): *\\([0-9]*\\) kB$/\\1\\t\\2/p' /proc/meminfo 2>/dev/null
if command -v ip >/dev/null 2>&1; then
  ip -o addr show 2>/dev/null | awk '$3 == "inet" || $3 == "inet6" { print "address\\t" $2 " " $3 " " $4 }'
  IFS= read -r route <<END
$(ip route show default 2>/dev/null)
END
  say default_route "$route"
fi
init=; IFS= read -r init 2>/dev/null </proc/1/comm
say init "$init"
say service_manager "$(if [ -d /run/systemd/system ]; then echo systemd; elif command -v rc-service >/dev/null 2>&1; then echo openrc; else echo none; fi)"
say package_manager "$(first apt-get dnf yum apk zypper pacman opkg)"
say python "$(command -v python3 2>/dev/null)"
say user "$(id -un 2>/dev/null)"
say uid "$(id -u 2>/dev/null)"
say home "$HOME"
say date "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
IFS=' ' read -r epoch timezone <<END
$(date '+%s %Z')
END
say epoch "$epoch"
say timezone "$timezone"
uptime=; read -r uptime _ 2>/dev/null </proc/uptime
say uptime "\${uptime%%.*}"
boot=; read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id
say boot_id "$boot"
say virtualization "$(if [ -f /.dockerenv ]; then echo docker; elif [ -f /run/.containerenv ]; then echo podman; else systemd-detect-virt 2>/dev/null; fi)"
df -P -k 2>/dev/null | awk 'NR > 1 && $1 ~ "^/" { print "mount\\t" $6 " " $1 " " $2 " " $4 }' | head -n 20
`);
