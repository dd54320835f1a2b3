"""What the rehearsal adds to the emulator answers as AWS does."""
