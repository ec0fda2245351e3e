"""Commands about the program itself: keys, the config, the shell, the manual page, what works here."""
