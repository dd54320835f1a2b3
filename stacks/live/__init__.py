"""The engine of a real account: it drives the Pulumi CLI, and says what a computer lacks for that."""
