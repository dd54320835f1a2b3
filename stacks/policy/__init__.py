"""What a cloud site must never be, as plain functions over its resources: used by the lab's engine and by the CLI."""
