"""What faults do: to the connection, instead of an answer, and to one."""
