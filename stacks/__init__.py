"""The cloud half: the Pulumi program, its parts and its rules, and the engine that drives the real CLI."""
