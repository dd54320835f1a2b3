"""Build Asterisk for trixie from forky's source (docs/decisions/0003-asterisk-packages.md).

The result in build/packages/ is a signed apt repository of its own. Copy it to a web server and set
`asterisk_package_source: site`, `asterisk_site_repository`, and as `asterisk_site_key` what lies in
seatworks-packages.asc. The private key stays in build/packages-key/. A build that was cut off goes on where it was.

With `--past-date` a mirror counts whose lists are past their date: only where nothing that is built here goes live.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from lab.machines import image, mirror
from lab.machines.files import locked, remove, write
from lab.machines.places import cache
from lab.machines.progress import say
from seatworks.errors import PreflightError, Problem, SeatworksError
from seatworks.run import run

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "packages"
KEYS = ROOT / "build" / "packages-key"
PACKAGE, SUITE = "asterisk", "forky"
TOOLS = ("apt-utils", "build-essential", "dpkg-dev", "fakeroot", "gnupg")
# 12.5 minutes on 2 cores; the bound is for a computer four times slower.
BOUND_S = 3600

# Signs the Release file of the folder it is started in, with the key in GNUPGHOME; the first time it makes one.
SIGN = r"""
gpg --batch --list-secret-keys seatworks-packages >/dev/null 2>&1 ||
  gpg --batch --quiet --passphrase '' --quick-generate-key seatworks-packages ed25519 sign never
gpg --batch --yes --local-user seatworks-packages --clear-sign --output InRelease Release
gpg --batch --yes --local-user seatworks-packages --armor --detach-sign --output Release.gpg Release
gpg --batch --yes --armor --export --output seatworks-packages.asc seatworks-packages
"""

# Settings: MIRROR SUITE PACKAGE CHECK_DATE.
# A stage that is done leaves a mark; a compilation that was cut off is continued.
STAGES = (
    r"""
set -euo pipefail
mkdir -p /build
cd /build
# What a build that was cut off left half installed.
dpkg --configure -a
if [ ! -e .source ]; then
  rm -rf source
  printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\nCheck-Valid-Until: %s\nSigned-By: %s\n' \
    "$MIRROR" "$SUITE" "$CHECK_DATE" /usr/share/keyrings/debian-archive-keyring.gpg \
    >/etc/apt/sources.list.d/source.sources
  apt-get -q update
  apt-get -q --only-source --download-only source "$PACKAGE"
  dpkg-source --no-check -x ./*.dsc source
  cd source
  version=$(dpkg-parsechangelog -S Version)
  sed -i 's/debhelper-compat (= 14)/debhelper-compat (= 13)/' debian/control
  { printf '%s (%s~bpo13+1) trixie; urgency=medium\n\n  * Rebuild for trixie.\n\n' "$PACKAGE" "$version"
    printf ' -- Site packages <packages@localhost>  %s\n\n' "$(date -R)"
    cat debian/changelog
  } >debian/changelog.new
  mv debian/changelog.new debian/changelog
  cd ..
  touch .source
fi
if [ ! -e .tools ]; then
  apt-get -q -y --fix-broken install
  apt-get -q -y --no-install-recommends build-dep ./source
  touch .tools
fi
if [ ! -e .built ]; then
  cd source
  compile() { DEB_BUILD_OPTIONS="nocheck nodoc parallel=$1" nice dpkg-buildpackage -b -nc -us -uc; }
  # The bundled pjproject sometimes writes into a folder that its parallel make has not made yet.
  compile "$(nproc)" || compile 1
  cd ..
  touch .built
fi
rm -rf /out/new
mkdir /out/new
find . -maxdepth 1 -name '*.deb' ! -name '*-dbgsym_*' -exec cp -t /out/new {} +
cd /out/new
dpkg-scanpackages --multiversion . >Packages
gzip -9 -k Packages
apt-ftparchive release . >/tmp/Release
mv /tmp/Release .
export GNUPGHOME=/keys
"""
    + SIGN
)

# In a mount namespace of its own: a killed build leaves a folder and no mount.
ENTER = r"""
mount -t overlay backport -o "lowerdir=$LOWERS,upperdir=$TREE/upper,workdir=$TREE/work" "$TREE/root"
cp /etc/resolv.conf "$TREE/root/etc/resolv.conf"
exec systemd-nspawn -q -D "$TREE/root" -M backport --register=no --keep-unit --timezone=off --resolv-conf=off \
  --bind="$OUT:/out" --bind="$KEYS:/keys" --setenv=DEBIAN_FRONTEND=noninteractive --setenv=LC_ALL=C.UTF-8 \
  --setenv=MIRROR="$MIRROR" --setenv=SUITE="$SUITE" --setenv=PACKAGE="$PACKAGE" \
  --setenv=CHECK_DATE="$CHECK_DATE" bash -c "$STAGES" \
  </dev/null >>"$OUT/build.log" 2>&1
"""


def build(*, past_date: bool = False) -> Path:
    """Build the packages and their signed index; the folder they lie in. Raises SeatworksError."""
    if os.geteuid() != 0:
        raise PreflightError(Problem("this computer", "lets only root build in a clean Debian", "run it with sudo"))
    if not shutil.which("systemd-nspawn"):
        raise PreflightError(Problem("systemd-nspawn", "is not installed", "run: python -m lab install"))
    began = time.monotonic()
    layer = image.Layer("builder", image.base(), TOOLS)
    image.build([layer])
    tree = cache() / "backport" / layer.key
    for folder in (OUT, tree / "upper", tree / "work", tree / "root"):
        folder.mkdir(parents=True, exist_ok=True)
    KEYS.mkdir(mode=0o700, exist_ok=True)
    with locked(tree / "lock", wait_s=1, busy="another process builds these packages"):
        write(OUT / "build.log", "")
        say(f"building {PACKAGE} of {SUITE} for {image.SUITE}; what it prints goes to {OUT / 'build.log'}")
        settings = {
            "LOWERS": ":".join(str(each.folder) for each in layer.stack()),
            "TREE": str(tree),
            "OUT": str(OUT),
            "KEYS": str(KEYS),
            "CHECK_DATE": "no" if past_date else "yes",
            "STAGES": STAGES,
            "MIRROR": mirror.url(),
            "SUITE": SUITE,
            "PACKAGE": PACKAGE,
            # nspawn 252 would mount what this kernel's hierarchy has not.
            "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
        }
        own = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc", "--kill-child")
        run(
            ["setpriv", "--pdeathsig", "KILL", *own, "bash", "-euc", ENTER],
            env=settings,
            timeout_s=BOUND_S,
        )
        _publish()
    remove(tree)
    say(f"built in {time.monotonic() - began:.0f} s: {OUT}")
    return OUT


def _publish() -> None:
    """Replace what an earlier build left."""
    new = OUT / "new"
    for old in (*OUT.glob("*.deb"), *OUT.glob("Packages*"), *OUT.glob("*Release*"), *OUT.glob("*.asc")):
        old.unlink()
    for path in new.iterdir():
        path.rename(OUT / path.name)
    new.rmdir()


def main() -> int:
    """Build; 0, or the exit code of what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m lab.machines.asterisk_packages")
    parser.add_argument("--past-date", action="store_true", help="take the mirror's lists also past their date")
    asked = parser.parse_args()
    try:
        build(past_date=asked.past_date)
    except SeatworksError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return wrong.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
