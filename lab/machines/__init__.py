"""Every host of a plan as a systemd-nspawn machine, with carrier, phones and network."""
