# Says what of the firewall is not as it should be, and nothing when all is. First what somebody changed by hand: the
# ruleset in force (<) against the confirmed one (>).
#
# The kernel lists a ruleset in its own words, and a later version of nft in others. So the file is loaded too, into a
# network of its own that nobody uses, and both are listed by the same program. Counters are left out.
# Arguments: the file asked for, the confirmed one, which is loaded at boot.
set -eu
asked=$1
confirmed=$2

if ! command -v nft > /dev/null || [ ! -f "$asked" ]; then
  echo 'no ruleset was asked for yet'
  exit 0
fi

none='no table inet seatworks'
listed='nft --stateless list table inet seatworks 2> /dev/null'
unshare --net -- true
in_force=$(eval "$listed") || in_force=$none
should=$(unshare --net -- sh -eu -c "nft --file \"\$1\"; $listed" - "$confirmed") || should=$none

if [ "$in_force" != "$should" ]; then
  echo 'changed by hand (<: in force, >: as it should be):'
  # A difference is the answer (1), anything else an error.
  diff <(printf '%s\n' "$in_force") <(printf '%s\n' "$should") || [ $? = 1 ]
fi
cmp --quiet "$asked" "$confirmed" || echo "$confirmed is not the ruleset asked for"
systemctl is-enabled --quiet nftables || echo 'it is not loaded at boot: service nftables is not enabled'
systemctl is-active --quiet nftables || echo 'service nftables is not active'
