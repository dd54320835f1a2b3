"""The real Pulumi CLI in the emulated account: our provider as its plugin, a language helper, and what they show."""
