"""Amazon Connect in the place of servers: the instance, what callers meet in it, and the people who answer."""
