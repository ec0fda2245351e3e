"""Work that takes time, as pure functions of the facts it began with and the clock. No I/O, no state."""
