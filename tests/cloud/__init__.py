"""The cloud half: what the program asks for, what the account then holds, and how a live run refuses."""
