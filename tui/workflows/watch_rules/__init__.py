"""What the user wants to be told of when it is over: the rules, and what looks at them."""
