"""A security scanner that is not ours looks at what a plan makes, in the lab's account. `make scan ENV=x`."""
