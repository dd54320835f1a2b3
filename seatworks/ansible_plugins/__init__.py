"""Adapters that Ansible loads; everything they say comes from the package."""
