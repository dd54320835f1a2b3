"""What is done inside a layer while it is built, as shell text; settings come by the environment."""

from __future__ import annotations

# Raised when these scripts change what they leave in a layer.
SCRIPT_FORMAT = 1

_CHROOT = r"""
root=$FRESH/root
# No service may start during a build: it would run on this computer.
enter() {
  mount --bind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount --bind "$ARCHIVES" "$root/var/cache/apt/archives"
  mount -t tmpfs tmpfs "$root/run"
  hostname build
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  # The computer's own name service; also where it is a link.
  cat /etc/resolv.conf >"$root/etc/resolv.conf"
  cp /etc/hosts "$root/etc/hosts"
}
leave() {
  rm "$root/usr/sbin/policy-rc.d"
  : >"$root/etc/resolv.conf"
  printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
}
"""

BASE = (
    _CHROOT  # noqa: S608 - shell, not SQL
    + r"""
include=$(echo $PACKAGES | tr ' ' ',')
debootstrap --variant=minbase --include="$include" --cache-dir="$ARCHIVES" "$SUITE" "$FRESH/upper" "$MIRROR" >&2
mount --bind "$FRESH/upper" "$root"
rm -f "$root/etc/apt/sources.list"
cat >"$root/etc/apt/sources.list.d/debian.sources" <<END
Types: deb
URIs: $MIRROR
Suites: $SUITE $SUITE-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
if [ -n "$SECURITY" ]; then cat >>"$root/etc/apt/sources.list.d/debian.sources" <<END

Types: deb
URIs: $SECURITY
Suites: $SUITE-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
fi
enter
chroot "$root" apt-get -q update >&2
chroot "$root" apt-get -q -y --no-install-recommends dist-upgrade >&2
chroot "$root" systemctl -q enable systemd-networkd.service ssh.service
chroot "$root" systemctl -q mask systemd-networkd-wait-online.service console-getty.service
echo LANG=C.UTF-8 >"$root/etc/default/locale"
# Every machine gets keys and an identity of its own.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
# A container may not set the computer's clock: the time service runs without trying to.
mkdir -p "$root/etc/systemd/system/chrony.service.d"
printf '[Unit]\nConditionCapability=\n[Service]\nEnvironmentFile=\nEnvironment="DAEMON_OPTS=-F 1 -x"\n' \
  >"$root/etc/systemd/system/chrony.service.d/rehearsal.conf"
# Nightly package runs would disturb a measurement that happens to run at that hour.
for timer in apt-daily apt-daily-upgrade; do
  mkdir -p "$root/etc/systemd/system/$timer.timer.d"
  printf '[Timer]\nOnCalendar=\nOnCalendar=2099-01-01\n' >"$root/etc/systemd/system/$timer.timer.d/rehearsal.conf"
done
leave
"""
)

PACKAGES = (
    _CHROOT
    + r"""
mount -t overlay overlay -o "lowerdir=$LOWERS,upperdir=$FRESH/upper,workdir=$FRESH/work" "$root"
enter
install() { chroot "$root" apt-get -q -y --no-install-recommends install $PACKAGES >&2; }
if [ -n "$UPDATE" ]; then
  chroot "$root" apt-get -q update >&2
  install
elif ! install; then
  # The package lists of the layer below are older than the mirror.
  chroot "$root" apt-get -q update >&2
  install
fi
leave
umount -R "$root"
"""
)
