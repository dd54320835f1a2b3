"""The cloud half: what the components make, and what the lab's engine does from run to run."""
