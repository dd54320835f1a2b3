"""Components of the cloud half. Each takes the plan's parts and owns the resources below it."""
