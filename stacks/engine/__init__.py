"""The lab's engine: runs the Pulumi program in process and makes every resource in an emulated account."""
