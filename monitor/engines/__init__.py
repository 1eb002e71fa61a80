"""Who turns the crank. What is due, who owns it and what was done stand in the store."""
