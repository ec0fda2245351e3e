"""What matters on the whole platform now: what needs its owner, what is in progress, money and storage."""
