"""The stand-in engine and what it makes: nothing twice, exactly what changed, and on after being cut off."""
