"""Off-boarding: finding what a person holds, planning the calls that take it away, and making them."""
