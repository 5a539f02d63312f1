"""Real clients against `fernstone dev`, with nothing but what it prints and writes."""
