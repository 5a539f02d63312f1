"""How old an answer of Fernstone's may be: not at all after its own writes, a second after anybody else's."""
