"""Seatworks: one file describes a contact centre; the toolkit sizes, builds, hardens and proves it."""
