"""The cloud half: the Pulumi program, its components and the two engines that run it."""
