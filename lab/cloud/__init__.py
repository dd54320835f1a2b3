"""The stand-in engine: runs the Pulumi program in process, without CLI and network, in an emulated account."""
