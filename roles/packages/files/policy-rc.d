#!/bin/sh
# Written by role packages from roles/packages/files/policy-rc.d.
# Edits here are lost; change inventories/<deployment>/seatworks.yml.
#
# Packages ask this before they start or restart a service (Debian Policy, 9.3.3.1; 101: not allowed).
[ ! -e /run/seatworks-installing ] || exit 101
