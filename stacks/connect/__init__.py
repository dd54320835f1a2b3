"""Amazon Connect without Pulumi: the document of a flow, a walk through one, and the proof of what an account holds."""
